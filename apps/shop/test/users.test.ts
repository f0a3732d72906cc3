import { describe, expect, it } from 'vitest'
import { sessionCookie, signedInUser, userOf } from '../src/index.js'

describe('signedInUser', () => {
  it('reads what signing in wrote', () => {
    const pair = sessionCookie(userOf('ana@example.com')).split(';', 1)[0]
    expect(signedInUser(`theme=dark; ${pair}`)).toBe('u_ana')
  })

  it.each([undefined, '', 'shop_user=', 'shop_user', 'shop_user=%E0%A4%A', 'other=u_ana'])(
    'is nobody with %j',
    cookies => {
      expect(signedInUser(cookies)).toBeNull()
    },
  )
})
