/** Who is signed in, as the shop knows them. */
export interface User {
  id: string
  email: string
}

const COOKIE = 'shop_user'

/** The account of an address; this shop trusts what it is told. */
export function userOf(email: string): User {
  return { id: `u_${email.split('@', 1)[0]}`, email }
}

/** The `Set-Cookie` that signs a user in. A real shop signs it too. */
export function sessionCookie(user: User): string {
  return `${COOKIE}=${encodeURIComponent(user.id)}; Path=/; HttpOnly; SameSite=Lax`
}

/** The id of the user whose cookie came with a request, or `null`. */
export function signedInUser(cookies: string | undefined): string | null {
  for (const pair of (cookies ?? '').split(';')) {
    const [name, value] = pair.trim().split('=', 2)
    if (name !== COOKIE || !value) continue
    try {
      return decodeURIComponent(value)
    } catch {
      return null
    }
  }
  return null
}
