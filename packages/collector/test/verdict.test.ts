import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Search } from '../src/query/parameters.js'
import { type Verdict, verdict } from '../src/query/verdict.js'
import { openEmbeddedStore } from '../src/store/chdb.js'
import { moment } from '../src/store/schema.js'
import type { Store } from '../src/store/store.js'
import { temporaryFolder } from './helpers.js'
import { at, BEGIN, NOW, PAY, play, type Story, thrown } from './story.js'

let store: Store

const ROLLOUT = [at('03:00'), at('03:10')] as const
/** The new release beside the old one for ten minutes, then alone. */
const deployed =
  (old: string, fresh: string, [begin, end]: readonly [number, number] = ROLLOUT) =>
  (time: number) =>
    time < begin ? [old] : time < end ? [old, fresh] : [fresh]

const BUG = thrown(
  'TypeError',
  "Cannot read properties of undefined (reading 'id')",
  'computeTotal (/app/src/cart.ts:12:7)',
)
const REFUSED = thrown('Error', 'connect ECONNREFUSED 10.0.0.7:443', 'pay (/app/src/payments.ts:40:9)', {
  status: 502,
})
const FULL = thrown('QuotaError', 'the ledger is full', 'writeLedger (/app/src/ledger.ts:9:1)')
const isPay = ({ route }: { route: string }) => route === PAY

/** A payment that met the gateway's refusal, as it is told. */
function failedPayment(id: string, time: number): object[] {
  const { status, ...fault } = REFUSED
  const shared = {
    path: '/checkout/c1/pay',
    route: PAY,
    method: 'POST',
    status_code: status,
    duration_ms: 30,
    user_id: id,
    request_id: id,
    release: 'api@1',
    environment: 'production',
  }
  const timestamp = new Date(time).toISOString()
  return [
    { event: 'api_request', event_id: id, timestamp, properties: shared },
    {
      event: 'exception',
      event_id: `${id}-e`,
      timestamp,
      properties: { ...shared, ...fault, mechanism: 'request' },
    },
  ]
}

function payment(time: number, user: string, status: number, more: object = {}): object {
  return {
    event: 'api_request',
    timestamp: new Date(time).toISOString(),
    properties: {
      path: '/checkout/c1/pay',
      route: PAY,
      method: 'POST',
      status_code: status,
      duration_ms: 3,
      user_id: user,
      request_id: `${user}-${time}`,
      release: 'api@1',
      environment: 'production',
      outcome: 'ok',
      viewset: null,
      action: null,
      query_params: {},
      ...more,
    },
  }
}

/** Payments that go well where a release came after another at 03:00: 10 of the one, 50 of the other. */
const STAGED = Array.from({ length: 60 }, (_, i) =>
  payment(at('02:40') + i * 2 * 60_000 - (i >= 10 ? (i - 10) * 90_000 : 0), `u-${i}`, 200, {
    environment: 'staging',
    release: i < 10 ? 'api@1' : 'api@2',
  }),
)
/** The first hour of a site, in the second half of the same hours of the day before. */
const FIRST_HOUR = Array.from({ length: 720 }, (_, i) =>
  payment(at('02:40') - 86_400_000 + i * 5000, `u-${i % 50}`, 200),
)
const SILENT = { exception_type: '', exception_message: '', traceback: '' }

/** Payments that fail one user, three a minute. */
function ofOneUser(times: number): object[] {
  return Array.from({ length: times }, (_, i) => payment(at('03:02') + i * 20_000, 'u-mad', 500))
}

/** Payments fail of a bug in the release that came. */
const BAD_DEPLOY: Story = {
  past: 6,
  rate: 12,
  releases: deployed('api@1', 'api@2'),
  fault: made => (isPay(made) && made.release === 'api@2' && made.luck < 0.4 ? BUG : undefined),
}

/** Each with its known answer. */
const STORIES: Record<string, { story: Story; answer: Partial<Verdict>; says: RegExp[] }> = {
  'a bad deploy': {
    story: {
      ...BAD_DEPLOY,
      jobFault: made => (made.release === 'api@2' && made.time > at('03:00') ? BUG : undefined),
    },
    answer: {
      state: 'deploy_suspect',
      strength: 'strong',
      flow: `POST ${PAY}`,
      release: 'api@2',
      previous_release: 'api@1',
      recovered_at: null,
    },
    says: [
      /^Since 03:0\d UTC POST \/checkout\/:cart\/pay fails \d\d % \(usual 0\.\d %\): \d+ of \d+ requests, \d+ users\./,
      /one error, new in api@2 \(first seen 03:0\d UTC\): TypeError/,
      /computeTotal/,
      /Downstream: job email\.receipt fails/,
      /While both releases ran, old \d of \d+ failed/,
    ],
  },
  'a bad deploy after stray failures of another kind': {
    story: {
      past: 6,
      rate: time => (time < at('03:00') ? 1 : 12),
      releases: deployed('api@1', 'api@2'),
      fault: made => (isPay(made) && made.release === 'api@2' && made.luck < 0.4 ? BUG : undefined),
      more: ['02:41', '02:47', '02:52', '02:58'].flatMap((time, i) => failedPayment(`stray-${i}`, at(time))),
    },
    answer: { state: 'deploy_suspect', strength: 'strong', release: 'api@2', previous_release: 'api@1' },
    says: [/^Since 03:0\d UTC /],
  },
  'an external outage': {
    story: {
      past: 6,
      rate: 6,
      releases: () => ['api@1'],
      fault: made => (isPay(made) && made.time >= at('03:02') && made.luck < 0.6 ? REFUSED : undefined),
    },
    answer: { state: 'external', strength: null, flow: `POST ${PAY}`, release: null },
    says: [/looks external: no release came into service/, /ECONNREFUSED/],
  },
  'every second payment, three a minute': {
    story: {
      past: 6,
      rate: 0,
      releases: () => ['api@1'],
      more: Array.from({ length: 360 }, (_, i) => {
        const time = BEGIN + 7000 + i * 20_000
        return payment(time, `u-${i}`, time >= at('03:00') && i % 2 === 1 ? 500 : 200)
      }),
    },
    answer: {
      state: 'external',
      onset: new Date(at('03:00:27')).toISOString(),
      failures: 60,
      requests: 119,
      users: 60,
    },
    says: [/^Since 03:00 UTC /],
  },
  'an outage with a release near': {
    story: {
      past: 6,
      rate: 12,
      releases: time => (time < at('02:10') ? ['api@1'] : ['api@1', 'api@2']),
      fault: made => (isPay(made) && made.time >= at('03:02') && made.luck < 0.6 ? REFUSED : undefined),
    },
    answer: { state: 'external', release: null },
    says: [/hit all releases alike/],
  },
  'one user': {
    story: {
      past: 6,
      rate: 6,
      releases: () => ['api@1'],
      more: ofOneUser(60),
    },
    answer: { state: 'one_user', flow: `POST ${PAY}`, user: 'u-mad' },
    says: [/One user, u-mad, makes \d+ % of the failures/],
  },
  'an old error that grew': {
    story: {
      past: 12,
      rate: 12,
      releases: deployed('api@1', 'api@2', [at('02:30'), at('03:30')]),
      fault: made =>
        isPay(made) && made.time >= at('03:02') && made.luck < 0.3
          ? thrown('StockError', 'stock is out of step', 'readStock (/app/src/stock.ts:8:3)')
          : undefined,
    },
    answer: { state: 'old_error_grew', flow: `POST ${PAY}`, release: null },
    says: [/It is an old error that grew/, /StockError/],
  },
  'traffic that is up': {
    story: { past: 6, rate: time => (time >= at('02:20') ? 20 : 6), releases: () => ['api@1'] },
    answer: { state: 'traffic_up', flow: null, recovered_at: null },
    says: [/^Since 02:\d\d UTC traffic is \d(\.\d)? times the usual/],
  },
  'the second day of a site, which is no more than what was not there yet': {
    story: { past: 0, rate: 12, releases: () => ['api@1'], more: FIRST_HOUR },
    answer: { state: 'quiet' },
    says: [/^All is quiet/],
  },
  'a flow without a route': {
    story: {
      past: 12,
      rate: 12,
      releases: () => ['api@1'],
      more: Array.from({ length: 60 }, (_, i) =>
        payment(at('03:02') + i * 30_000, `u-${i}`, 500, { method: 'PUT', route: null }),
      ),
    },
    answer: { state: 'external', flow: 'PUT', method: 'PUT', route: null },
    says: [/^Since 03:02 UTC PUT fails 100 %/],
  },
  'traffic where there was none': {
    story: {
      past: 0,
      rate: time => (time < at('02:10') ? 20 : 6),
      releases: () => ['api@1'],
      more: Array.from({ length: 120 }, (_, i) =>
        payment(at(i < 10 ? '00:40' : '02:40') - 86_400_000 + i * 20_000, `u-${i}`, 200),
      ),
    },
    answer: { state: 'traffic_up' },
    says: [/^From 01:\d\d UTC to 02:1\d UTC \d+ requests came where there usually are none\./],
  },
  'only jobs': {
    story: {
      past: 12,
      rate: 12,
      releases: () => ['api@1'],
      jobFault: ({ time }) => (time >= at('03:02') ? FULL : undefined),
    },
    answer: { state: 'jobs_only', flow: null, job: 'email.receipt' },
    says: [/^Since 03:0\d UTC job email\.receipt fails 100 %/, /QuotaError/],
  },
  quiet: {
    story: { past: 6, rate: 6, releases: deployed('api@1', 'api@2') },
    answer: { state: 'quiet', flow: null, onset: null, release: null, group: null },
    says: [/^All is quiet: 720 requests, of which 0\.\d+ % failed, as usual\.$/],
  },
  'a few failures of one user': {
    story: { past: 6, rate: 6, releases: () => ['api@1'], more: ofOneUser(15) },
    answer: { state: 'quiet', flow: null },
    says: [/^All is quiet: 735 requests, of which 2\.\d % failed, usually 0\.\d %\.$/],
  },
  'too little data': {
    story: {
      past: 6,
      rate: time => (time >= at('03:20') ? 2 : 0),
      releases: () => ['api@1'],
      fault: () => BUG,
    },
    answer: { state: 'not_enough_data', flow: null },
    says: [/^Not enough data: 40 requests/],
  },
  'two deploys close together': {
    story: {
      past: 6,
      rate: 18,
      releases: time =>
        time < at('02:58')
          ? ['api@1']
          : time < at('03:01')
            ? ['api@1', 'api@2']
            : time < at('03:04')
              ? ['api@2', 'api@3']
              : ['api@3'],
      fault: made => (isPay(made) && made.release === 'api@3' && made.luck < 0.4 ? BUG : undefined),
    },
    answer: { state: 'deploy_suspect', strength: 'strong', release: 'api@3', previous_release: 'api@2' },
    says: [/new in api@3/],
  },
  'a bad deploy with a good one right after it': {
    story: {
      past: 6,
      rate: 18,
      releases: time =>
        time < at('03:00')
          ? ['api@1']
          : time < at('03:01')
            ? ['api@1', 'api@2']
            : time < at('03:02')
              ? ['api@2', 'api@3']
              : ['api@3'],
      fault: made => (isPay(made) && made.release !== 'api@1' && made.luck < 0.4 ? BUG : undefined),
    },
    answer: { state: 'deploy_suspect', strength: 'strong', release: 'api@2' },
    says: [/new in api@2/],
  },
  'a rollback': {
    story: {
      past: 6,
      rate: 12,
      releases: time => (time < at('03:00') || time >= at('03:15') ? ['api@1'] : ['api@2']),
      fault: made => (isPay(made) && made.release === 'api@2' && made.luck < 0.5 ? BUG : undefined),
    },
    answer: { state: 'deploy_suspect', strength: 'strong', release: 'api@2', previous_release: 'api@1' },
    says: [/^From 03:0\d UTC to 03:1\d UTC POST/, /since then it does as usual/],
  },
  'a scan for missing pages': {
    story: {
      past: 6,
      rate: 6,
      releases: () => ['api@1'],
      more: Array.from({ length: 3000 }, (_, i) => ({
        event: 'pageview',
        timestamp: new Date(at('03:02') + i * 300).toISOString(),
        properties: {
          path: `/wp-${i}.php`,
          method: 'GET',
          status_code: 404,
          duration_ms: 1,
          user_id: null,
          visitor_id: 'scan',
          referrer: null,
          user_agent: 'zgrab',
          request_id: `scan-${i}`,
          release: 'api@1',
          environment: 'production',
          outcome: 'ok',
        },
      })),
    },
    answer: { state: 'quiet', flow: null },
    says: [/^All is quiet/],
  },
  'events that were dropped': {
    story: {
      past: 6,
      rate: 6,
      releases: () => ['api@1'],
      more: [
        {
          event: 'client_report',
          timestamp: new Date(at('03:10')).toISOString(),
          properties: {
            dropped: { queue_full: 12, sampled: 99 },
            since: new Date(at('03:00')).toISOString(),
            until: new Date(at('03:09')).toISOString(),
          },
        },
      ],
    },
    answer: { state: 'data_incomplete', complete: false, dropped: 12, flow: null },
    says: [
      /^The data are incomplete: 12 events of this time were lost/,
      /Nothing that did arrive fails more often than usual/,
    ],
  },
  'a bad deploy and a few dropped events': {
    story: {
      ...BAD_DEPLOY,
      more: [
        {
          event: 'client_report',
          timestamp: new Date(at('03:10')).toISOString(),
          properties: { dropped: { expired: 3 } },
        },
      ],
    },
    answer: { state: 'deploy_suspect', strength: 'strong', complete: false, dropped: 3 },
    says: [/new in api@2/],
  },
  'a bad deploy and more dropped events than failures': {
    story: {
      ...BAD_DEPLOY,
      more: [
        {
          event: 'client_report',
          timestamp: new Date(at('03:10')).toISOString(),
          properties: { dropped: { queue_full: 5000 } },
        },
      ],
    },
    answer: { state: 'data_incomplete', strength: null, complete: false, dropped: 5000, flow: `POST ${PAY}` },
    says: [
      /^The data are incomplete: 5,000 events .* What did arrive says: Since 03:0\d UTC POST .* new in api@2/,
    ],
  },
  'bots alone': {
    story: {
      past: 6,
      rate: 6,
      releases: () => ['api@1'],
      more: Array.from({ length: 60 }, (_, i) =>
        payment(at('03:02') + i * 20_000, `u-${i}`, 500, {
          user_agent: 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
        }),
      ),
    },
    answer: { state: 'one_user', flow: `POST ${PAY}`, user: null },
    says: [/Bots make \d+ % of the failures\.$/],
  },
  'jobs that failed for a while': {
    story: {
      past: 12,
      rate: 12,
      releases: () => ['api@1'],
      jobFault: ({ time }) => (time >= at('02:20') && time < at('02:40') ? FULL : undefined),
    },
    answer: { state: 'jobs_only', flow: null, job: 'email.receipt' },
    says: [/^From 02:2\d UTC to 02:(39|40) UTC job email\.receipt failed .*; since then it does as usual\./],
  },
  'traffic that was up': {
    story: {
      past: 6,
      rate: time => (time >= at('02:10') && time < at('02:50') ? 20 : 6),
      releases: () => ['api@1'],
    },
    answer: { state: 'traffic_up', flow: null },
    says: [/^From 02:1\d UTC to 02:[45]\d UTC traffic was \d(\.\d)? times the usual/],
  },
  'few requests, and jobs that fail': {
    story: {
      past: 6,
      rate: time => (time >= at('03:20') ? 2 : 0),
      releases: () => ['api@1'],
      more: Array.from({ length: 30 }, (_, i) => ({
        event: 'task_failed',
        timestamp: new Date(at('03:10') + i * 20_000).toISOString(),
        properties: { ...FULL, task_name: 'ledger.close', task_id: `t${i}`, queue: 'ledger', final: true },
      })),
    },
    answer: { state: 'not_enough_data', flow: null, job: 'ledger.close' },
    says: [/^Not enough data: 40 requests .* Since 03:10 UTC job ledger\.close fails 100 %/],
  },
  'a recovery': {
    story: {
      past: 6,
      rate: 12,
      releases: () => ['api@1'],
      fault: made =>
        isPay(made) && made.time >= at('02:20') && made.time < at('02:40') && made.luck < 0.7
          ? REFUSED
          : undefined,
    },
    answer: { state: 'external' },
    says: [/^From 02:2\d UTC to 02:(39|40) UTC POST/],
  },
  'a site that fails from its first request on': {
    story: {
      past: 0,
      rate: 12,
      releases: () => ['api@1'],
      fault: made => (made.luck < 0.3 ? BUG : undefined),
    },
    answer: { state: 'external', release: null },
    says: [/\(usual 1 %\)/],
  },
  'a release that gets few requests beside another': {
    story: {
      past: 30,
      rate: 30,
      releases: time =>
        time < at('01:50') ? ['api@1'] : [...Array.from({ length: 9 }, () => 'api@1'), 'api@2'],
      fault: made => (isPay(made) && made.release === 'api@2' && made.luck < 0.5 ? BUG : undefined),
    },
    answer: { state: 'deploy_suspect', strength: 'strong', release: 'api@2', previous_release: 'api@1' },
    says: [/While both releases ran, old \d+ of \d{3} failed/],
  },
  'a release elsewhere': {
    story: {
      past: 6,
      rate: 6,
      releases: () => ['api@1'],
      fault: made => (isPay(made) && made.time >= at('03:02') && made.luck < 0.5 ? BUG : undefined),
      more: STAGED,
    },
    answer: { state: 'external', strength: null, release: null, previous_release: null },
    says: [/looks external: api@2, which came into service at 03:00 UTC, fails 0 of \d\d requests\.$/],
  },
  'a release that does well beside one that fails': {
    story: {
      past: 6,
      rate: 9,
      releases: time => (time < at('03:00') ? ['api@1'] : ['api@1', 'api@1', 'api@2']),
      fault: made =>
        isPay(made) && made.release === 'api@1' && made.time >= at('03:02') && made.luck < 0.6
          ? BUG
          : undefined,
    },
    answer: { state: 'external', strength: null, release: null },
    says: [/looks external: api@2, which came into service at 03:0\d UTC, fails 0 of \d\d requests\.$/],
  },
  'a release that does well beside one that fails, in too few requests to tell': {
    story: {
      past: 6,
      rate: 6,
      releases: time =>
        time < at('03:00') ? ['api@1'] : [...Array.from({ length: 11 }, () => 'api@1'), 'api@2'],
      fault: made =>
        isPay(made) && made.release === 'api@1' && made.time >= at('03:02') && made.luck < 0.6
          ? BUG
          : undefined,
    },
    answer: { state: 'deploy_suspect', strength: 'weak', release: 'api@2' },
    says: [/nothing proves that/],
  },
  'a bad deploy that does well elsewhere': {
    story: {
      past: 6,
      rate: 18,
      releases: deployed('api@1', 'api@2', [at('02:55'), at('03:30')]),
      fault: made => (isPay(made) && made.release === 'api@2' && made.luck < 0.4 ? SILENT : undefined),
      more: STAGED,
    },
    answer: { state: 'deploy_suspect', strength: 'strong', release: 'api@2', previous_release: 'api@1' },
    says: [/api@2 came into service at 02:5\d UTC after api@1\./, /old 0 of \d+ failed/],
  },
  'a release and twice the traffic beside it': {
    story: { past: 12, rate: 26, releases: () => ['api@1', 'api@2'] },
    answer: { state: 'traffic_up' },
    says: [/times the usual/],
  },
  'a weak suspect': {
    story: {
      past: 12,
      rate: 12,
      releases: time => (time < at('02:00') ? ['api@1'] : ['api@2']),
      fault: made => (isPay(made) && made.time >= at('03:02') && made.luck < 0.4 ? SILENT : undefined),
    },
    answer: {
      state: 'deploy_suspect',
      strength: 'weak',
      release: 'api@2',
      previous_release: 'api@1',
      group: null,
    },
    says: [/api@2 came into service at 02:00 UTC after api@1 and may be behind it/],
  },
}

const asked = (site: string, more: Record<string, string> = {}): Search => {
  const given: Record<string, string> = {
    site,
    from: new Date(BEGIN).toISOString(),
    to: new Date(NOW).toISOString(),
    ...more,
  }
  return name => given[name]
}
const siteOf = (name: string) => name.replaceAll(' ', '-')

beforeAll(async () => {
  store = await openEmbeddedStore(temporaryFolder(afterAll), 86_400 * 3650)
  await play(
    store,
    Object.entries(STORIES).map(([name, { story }]) => [siteOf(name), story] as const),
  )
}, 300_000)
afterAll(() => store.close())

describe('the verdict on', () => {
  it.each(Object.entries(STORIES))('%s', async (name, { answer, says }) => {
    const found = await verdict(store, asked(siteOf(name)), NOW)
    expect(found).toMatchObject(answer)
    for (const words of says) expect(found.sentence).toMatch(words)
    expect(found.sentence).not.toMatch(/ {2}/)
  })

  it('what is quiet tells whom it failed all the same, and what is usual of all flows', async () => {
    const [counted] = await store.query<{ users: number; requests: number; failures: number }>(
      `SELECT uniqExactIf(user_id, status = 500 AND timestamp >= {begin:DateTime64(3, 'UTC')}) AS users,
         countIf(timestamp < {begin:DateTime64(3, 'UTC')}) AS requests,
         countIf(status = 500 AND timestamp < {begin:DateTime64(3, 'UTC')}) AS failures
       FROM events WHERE site = 'quiet' AND event = 'api_request'`,
      { begin: moment(BEGIN) },
    )
    const { users, requests, failures } = counted ?? { users: 0, requests: 0, failures: 0 }
    const found = await verdict(store, asked('quiet'), NOW)
    expect(found.users).toBeGreaterThan(0)
    expect(found.users).toBe(Number(users))
    expect(found.usual_rate).toBeCloseTo((Number(failures) + 0.5) / (Number(requests) + 50), 10)
  })

  it('a release alone is what it is beside the others', async () => {
    const found = await verdict(store, asked('a-bad-deploy', { release: 'api@2' }), NOW)
    expect(found).toMatchObject({ state: 'deploy_suspect', release: 'api@2', flow: `POST ${PAY}` })
    expect((await verdict(store, asked('a-bad-deploy', { release: 'api@1' }), NOW)).flow).toBeNull()
  })

  it('the traffic of one release is not that of all', async () => {
    const site = siteOf('a release and twice the traffic beside it')
    expect((await verdict(store, asked(site, { release: 'api@2' }), NOW)).state).toBe('quiet')
  })

  it('another flow, job or user is another verdict', async () => {
    const stateOf = async (more: Record<string, string>) =>
      (await verdict(store, asked('a-bad-deploy', more), NOW)).state
    expect(await stateOf({ flow: 'GET /products' })).not.toBe('deploy_suspect')
    expect(await stateOf({ user: '12' })).toBe('not_enough_data')
    expect(await stateOf({ env: 'staging' })).toBe('not_enough_data')
  })
})
