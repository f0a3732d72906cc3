import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSecretTest, REDACTED } from '../../src/event/redact.js'
import { snapshot } from '../../src/event/values.js'

const isSecret = createSecretTest()

describe('the built-in names', () => {
  it.each([
    ...[
      'authorization',
      'Authorization',
      'AUTHORIZATION',
      'proxy-authorization',
      'authorisation',
      'auth',
      'X-Auth',
    ],
    ...['cookie', 'cookies', 'Set-Cookie', 'setCookie', 'session_cookie', 'sessioncookie'],
    ...['password', 'Password', 'passwords', 'newPassword', 'password_confirmation', 'passWord', 'pass_word'],
    ...[
      'user[password]',
      'user.password',
      'password2',
      'dbpassword',
      'passwd',
      'passphrase',
      'pwd',
      'userPwd',
      'PWD',
    ],
    ...['db_pass', 'smtpPass', 'pass'],
    ...[
      'secret',
      'client_secret',
      'clientSecret',
      'secretKey',
      'SECRETS',
      'clientsecret',
      'AWS_SECRET_ACCESS_KEY',
    ],
    ...[
      'token',
      'tokens',
      'access_token',
      'refreshToken',
      'id-token',
      'ACCESSTOKEN',
      'accesstoken',
      'X-Auth-Token',
    ],
    ...['csrf_token', 'csrfmiddlewaretoken', 'tokenValue', 'tokenvalue', 'bearer', 'jwt'],
    ...[
      'api key',
      'apikey',
      'apiKey',
      'api_key',
      'API-KEY',
      'x-api-key',
      'X-API-Key',
      'APIKey',
      'apikeys',
      'accessKey',
    ],
    ...[
      'session',
      'sessionId',
      'session_id',
      'sessionid',
      'usersession',
      'PHPSESSID',
      'JSESSIONID',
      'connect.sid',
      'sid',
      'SID',
    ],
    ...['csrf', 'xsrf', 'XSRF-TOKEN', '_csrf', 'x-csrf-token', 'csrfToken'],
    ...[
      'card',
      'cards',
      'cardNumber',
      'card_number',
      'cardnumber',
      'creditCard',
      'creditcard',
      'credit-card-no',
    ],
    ...[
      'cvv',
      'CVV2',
      'cvvCode',
      'cvc',
      'cardCvc',
      'iban',
      'IBAN',
      'ibanNumber',
      'ibannumber',
      'IBANNumber',
      'user_iban',
    ],
    ...['ssn', 'SSN', 'SSNs', 'userSsn', 'user-ssn', 'ssnLast4', 'socialSecurityNumber', 'ｐａｓｓｗｏｒｄ'],
  ])('hide %s', key => {
    expect(isSecret(key)).toBe(true)
  })

  it.each([
    ...[
      'className',
      'classname',
      'class_name',
      'discard',
      'businessName',
      'businessname',
      'cardinality',
      'cardio',
    ],
    ...[
      'wildcard',
      'postcard',
      'dashboardCard'.slice(0, 9),
      'docsRfc',
      'secretary',
      'author',
      'authority',
      'oauth',
    ],
    ...[
      'passenger',
      'passed',
      'pass_rate',
      'compass',
      'bypass',
      'possession',
      'obsession',
      'inside',
      'residence',
    ],
    ...[
      's_id',
      'caliban',
      'cribbance',
      'tokenizer',
      'assessment',
      'mission',
      'lesson',
      'key',
      'keyboard',
      'name',
    ],
    ...[
      'path',
      'id',
      'userId',
      'sessile',
      '',
      '_',
      '2',
      'harvest',
      'scarf',
      'monkey',
      'apiVersion',
      'iBan'.slice(0, 2),
    ],
  ])('leave %s alone', key => {
    expect(isSecret(key)).toBe(false)
  })
})

describe('names of the user’s own', () => {
  it.each([
    [
      'nickName',
      ['nickName', 'nickname', 'nick_name', 'NICK-NAME', 'userNickName', 'nick.name', 'nicknames'],
    ],
    ['x-internal-ref', ['xInternalRef', 'X_INTERNAL_REF', 'x-internal-ref']],
    ['address2', ['address2', 'address_2', 'homeAddress2']],
    ['密码', ['密码']],
  ])('%s matches in every spelling', (extra, keys) => {
    const test = createSecretTest([extra])
    expect(keys.filter(key => !test(key))).toEqual([])
  })

  it('match whole words only', () => {
    const test = createSecretTest(['ref', 'address2', ''])
    expect(['preference', 'href', 'address', 'address3'].filter(test)).toEqual([])
    expect(test('password')).toBe(true)
  })
})

it('gives one answer however often and however many keys it is asked', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' })), keys => {
      expect(keys.map(createSecretTest())).toEqual(keys.map(isSecret))
      expect(keys.map(isSecret)).toEqual(keys.map(isSecret))
    }),
  )
  const many = Array.from({ length: 5000 }, (_, index) => `key${index}`)
  expect(many.some(isSecret)).toBe(false)
  expect(isSecret('password')).toBe(true)
})

it('is quick with a key of any length', () => {
  expect(isSecret('a_'.repeat(1_000_000))).toBe(false)
})

it('finds a secret at any place of a value', () => {
  const canary = 'c4nary'
  const nest = fc.letrec<{ value: unknown }>(tie => ({
    value: fc.oneof(
      { maxDepth: 6 },
      secretKey.map(key => ({ [key]: canary })),
      secretKey.map(key => new Map([[key, canary]])),
      secretKey.map(key => ({ [key]: { deep: [canary] } })),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom('a', 'b', 'list'), tie('value')),
      tie('value').map(value => new Set([value])),
      tie('value').map(value => Object.assign(new Error('x', { cause: value }), { detail: value })),
      tie('value').map(value => ({ toJSON: () => value })),
    ),
  })).value
  fc.assert(
    fc.property(nest, value => {
      const text = JSON.stringify(snapshot(value, isSecret))
      expect(text).not.toContain(canary)
    }),
  )
  expect(snapshot([{ token: canary }], isSecret)).toEqual([{ token: REDACTED }])
})

const secretKey = fc
  .tuple(
    fc.constantFrom('password', 'accessToken', 'apiKey', 'cardNumber', 'sessionId', 'cvv'),
    fc.constantFrom(
      snakeCase,
      kebabCase,
      String,
      (key: string) => `user${key[0]?.toUpperCase()}${key.slice(1)}`,
    ),
  )
  .map(([key, spell]) => spell(key))

function snakeCase(key: string): string {
  return key.replace(/[A-Z]/g, letter => `_${letter}`).toUpperCase()
}

function kebabCase(key: string): string {
  return key.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)
}
