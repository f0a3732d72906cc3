/** Of a map on the wire, packed, and unpacked: bytes. */
export const LIMITS: { wire: number; unpacked: number } = {
  wire: 8 * 1024 * 1024,
  unpacked: 24 * 1024 * 1024,
}
