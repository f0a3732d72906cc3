import { expect, it } from 'vitest'
import { KEY, makeEvent, runCli, SITE, send, stored, temporaryFolder, until } from './helpers.js'

const flags = (data: string) => ['--port', '0', '--data', data, '--site', SITE, '--key', KEY]

it('keeps all that it acknowledged, each id once, when it is killed amid a stream of posts', async () => {
  const data = temporaryFolder()
  const acknowledged = new Set<string>()
  const sent: ReturnType<typeof makeEvent>[] = []

  for (let round = 0; round < 3; round++) {
    const cli = runCli(flags(data))
    const url = await cli.listening()
    const before = acknowledged.size
    let killed = false
    const senders = Array.from({ length: 8 }, async () => {
      while (!killed) {
        // Some events of before are sent again, as a client does that had no answer.
        const batch = [...Array.from({ length: 20 }, () => makeEvent()), ...sent.slice(-5)]
        sent.push(...batch.slice(0, 20))
        const answer = await send(url, batch).catch(() => undefined)
        if (answer?.status === 202) for (const event of batch) acknowledged.add(event.event_id)
      }
    })
    await until(() => acknowledged.size >= before + 400)
    cli.child.kill('SIGKILL')
    killed = true
    expect(await cli.ended).toBe('SIGKILL')
    await Promise.all(senders)
  }

  const cli = runCli(flags(data))
  const found = (await stored(await cli.listening())).map(event => event.event_id)
  expect(found.length).toBe(new Set(found).size)
  expect([...acknowledged].filter(id => !found.includes(id))).toEqual([])
  cli.child.kill('SIGTERM')
  expect(await cli.ended).toBe(0)
}, 120_000)

it('answers what is under way before it ends on SIGTERM', async () => {
  const data = temporaryFolder()
  const cli = runCli(flags(data))
  const url = await cli.listening()
  const events = Array.from({ length: 300 }, () => makeEvent())
  let arrived = 0
  const answers = events.map(event =>
    send(url, event).then(
      answer => {
        arrived++
        return answer.status
      },
      () => 0,
    ),
  )
  await until(() => arrived > 0)
  cli.child.kill('SIGTERM')
  const statuses = await Promise.all(answers)
  expect(await cli.ended).toBe(0)

  const again = runCli(flags(data))
  const found = new Set((await stored(await again.listening())).map(event => event.event_id))
  const lost = events.filter((event, i) => statuses[i] === 202 && !found.has(event.event_id))
  expect(lost).toEqual([])
  expect(statuses.filter(status => status === 202).length).toBeGreaterThan(0)
})
