import { describe, expect, it } from 'vitest'
import { readEngineMessage } from '../../src/grouping/engine.js'
import { portOf, templateOf } from '../../src/grouping/message.js'

describe('a message template masks', () => {
  it.each([
    ['numbers', 'Order 4711 has 3 items', 'Order <n> has <n> items'],
    ['fractions and signs', 'moved by -1.5 to 1,204.25', 'moved by <n> to <n>'],
    ['quantities', 'took 1.5s of 30 seconds for 12 MB', 'took <n> of <n> for <n>'],
    ['uuids', 'No cart 0190a6c2-7d1e-7bbb-8f00-1234567890ab', 'No cart <uuid>'],
    ['prefixed ids', 'No such customer: cus_Nff3kaQ9', 'No such customer: cus_<id>'],
    ['hexadecimal ids', 'Commit 9fceb02d0ae5 not seen', 'Commit <id> not seen'],
    ['names with a number', 'user42 and order-1234', 'user<n> and order-<n>'],
    ['e-mail addresses', 'No user ada.l+x@example.com here', 'No user <email> here'],
    ['URLs', 'GET https://api.example.com/v1/x?y=1 failed', 'GET <url> failed'],
    ['hosts', 'getaddrinfo ENOTFOUND db7.prod', 'getaddrinfo ENOTFOUND <host>'],
    ['addresses, but a known port', 'connect ECONNREFUSED 10.0.0.7:5432', 'connect ECONNREFUSED <host>:5432'],
    ['addresses of version 6', 'connect ECONNREFUSED ::1:6379', 'connect ECONNREFUSED <host>:6379'],
    ['a service by its name', 'lost redis:6379', 'lost <host>:6379'],
    ['a port of no service', 'connect ECONNREFUSED 127.0.0.1:49153', 'connect ECONNREFUSED <host>'],
    [
      'paths',
      "ENOENT: no such file or directory, open '/tmp/a/b.json'",
      'ENOENT: no such file or directory, open <text>',
    ],
    ['paths without quotes', 'cannot read /var/lib/app/12.bin now', 'cannot read <path> now'],
    ['paths of Windows', 'cannot read C:\\app\\data.bin', 'cannot read <path>'],
    ['relative paths', 'cannot read src/data/cart.json', 'cannot read <path>'],
    ['dates', 'nothing since 2026-11-22T03:02:11.482Z', 'nothing since <date>'],
    ['days', 'nothing on 2026-11-22', 'nothing on <date>'],
    ['quoted values', 'Unknown column "total" in `carts`', 'Unknown column <text> in <text>'],
    [
      'single quotes, but no apostrophes',
      "can't find 'total', isn't there",
      "can't find <text>, isn't there",
    ],
    ['a quote that a cut left open', 'Unexpected "abc def', 'Unexpected <text>'],
    ['lists of any length as one', 'missing 1, 2, 3 and 4', 'missing <n>'],
    ['all but the first line', '\n  Invalid call\nin line 12', 'Invalid call'],
  ])('%s', (_, message, template) => {
    expect(templateOf(message)).toBe(template)
  })
})

describe('a message template keeps', () => {
  it.each([
    ['words', 'Cart is empty'],
    ['statuses', 'Request failed with status code 404'],
    ['statuses told otherwise', 'upstream returned 503'],
    ['statuses with their phrase', '404 Not Found'],
    ['system codes', 'write EPIPE'],
    ['codes of databases', 'Failed: P2002 or E11000 or ORA-00001'],
    ['routes and alternatives', 'read/write and/or'],
    ['code', 'Object.keys called on non-object'],
  ])('%s', (_, message) => {
    expect(templateOf(message)).toBe(message)
  })

  it('the code that the error bears', () => {
    expect(templateOf('failed with 23505', '23505')).toBe('failed with 23505')
    expect(templateOf('failed with 23505')).toBe('failed with <n>')
  })
})

describe('the port of a known service', () => {
  it.each([
    ['connect ECONNREFUSED 127.0.0.1:5432', '5432'],
    ['connect ECONNREFUSED ::1:6379', '6379'],
    ['connect ECONNREFUSED 127.0.0.1:49153', ''],
    ['socket hang up', ''],
  ])('%s', (message, port) => expect(portOf(message)).toBe(port))
})

describe("the engine's own messages", () => {
  it.each([
    ["Cannot read properties of undefined (reading 'id')", 'reading', 'id'],
    ["Cannot read properties of null (reading 'id')", 'reading', 'id'],
    ["Cannot read properties of undefined (reading 'user_42')", 'reading', 'user_<n>'],
    ["Cannot set properties of undefined (setting 'total')", 'setting', 'total'],
    ["Cannot destructure property 'a' of 't' as it is undefined.", 'destructuring', 'a'],
    ['cart.items.map is not a function', 'not callable', 'map'],
    ['e.items.map is not a function', 'not callable', 'map'],
    ['t is not a function', 'not callable', ''],
    ['open(...) is not a function', 'not callable', ''],
    ['(intermediate value)(...).run is not a function', 'not callable', 'run'],
    ['(0 , _cart.open)(...).total is not a function', 'not callable', 'total'],
    ['this.formats[kind] is not a function', 'not callable', 'formats'],
    ['open(...)[at]?.total is not a function', 'not callable', 'total'],
    ['e is not iterable', 'not iterable', ''],
    ['shipping is not defined', 'not defined', 'shipping'],
    ["Cannot access 'n' before initialization", 'too early', ''],
    ["Cannot assign to read only property 'x' of object '#<Object>'", 'read-only', 'x'],
    ['Invalid array length', 'array length', ''],
    ['Maximum call stack size exceeded', 'call stack', ''],
    ['Unexpected token \'<\', "<html>\n" is not valid JSON', 'JSON', ''],
    ['Unexpected end of JSON input', 'JSON', ''],
    ["Expected ',' or ']' after array element in JSON at position 12", 'JSON', ''],
  ])('%s', (message, kind, property) => {
    expect(readEngineMessage(message)).toMatchObject({ kind, property })
  })

  it('have titles without the names that a minifier gives', () => {
    expect(readEngineMessage('e.items.map is not a function')?.title).toBe('….map is not a function')
    expect(readEngineMessage('e is not iterable')?.title).toBe('… is not iterable')
  })

  it('are told from others', () => {
    expect(readEngineMessage('Cart 4711 has no items')).toBeUndefined()
  })
})
