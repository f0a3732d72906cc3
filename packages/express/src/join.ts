/** A pattern behind the mounts around it. */
export function join(mount: string, pattern: string | RegExp | undefined = ''): string {
  const path = String(pattern)
  return path === '/' && mount !== '' ? mount : mount.replace(/\/$/, '') + path
}
