/** What the collector answered. */
export interface Answer {
  status: number
  type: string
  body: string
}

export async function ask(address: string): Promise<Answer> {
  const response = await fetch(address)
  const type = response.headers.get('content-type') ?? ''
  return { status: response.status, type, body: await response.text() }
}

/** Answers, each by its question; a failure is none. */
export class Answers {
  readonly #known = new Map<string, Promise<Answer>>()

  get(question: string): Promise<Answer> | undefined {
    return this.#known.get(question)
  }

  keep(question: string, answer: Promise<Answer>): Promise<Answer> {
    this.#known.set(question, answer)
    const forget = () => this.#known.get(question) === answer && this.#known.delete(question)
    answer.then(({ status }) => status === 200 || forget(), forget)
    return answer
  }
}
