/**
 * An error as it was before it came out of a sandboxed processor: BullMQ sends it as JSON, so that its class is
 * lost, and with it a name the class inherited; the first line of its stack still has it. Of its causes an empty
 * object is left.
 */
export function restored(error: unknown): unknown {
  if (!(error instanceof Error) || Object.getPrototypeOf(error) !== Error.prototype) return error
  const lost: PropertyDescriptorMap = {}
  const name = Object.hasOwn(error, 'name') ? undefined : nameInStack(error)
  if (name !== undefined) lost.name = { value: name }
  if (isHusk(error.cause)) lost.cause = { value: undefined }
  if ('errors' in error && Array.isArray(error.errors)) {
    lost.errors = { value: error.errors.filter(member => !isHusk(member)) }
  }
  // What the application may hold itself is not to be changed.
  return Object.keys(lost).length > 0 ? Object.create(error, lost) : error
}

const HEADER = /^([A-Za-z_$][\w$.]*)(?: \[[^\]\n]+\])?(?::|$)/

function nameInStack({ stack }: Error): string | undefined {
  const name = typeof stack === 'string' ? HEADER.exec(stack.split('\n', 1)[0] as string)?.[1] : undefined
  return name === 'Error' ? undefined : name
}

function isHusk(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}
