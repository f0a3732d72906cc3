/** A pattern behind the mounts around it. */
export function join(mount: string, pattern: string | RegExp | undefined = ''): string {
  const path = String(pattern)
  if (mount === '') return path
  if (path === '/') return mount
  return (mount.endsWith('/') ? mount.slice(0, -1) : mount) + path
}
