/**
 * The application every adapter is tested on: what each route does, in whatever idiom the framework has for it.
 * `stage` is the one of the setup; `request` is what the framework's callbacks get (Fastify's `request`, Koa's
 * `ctx`, Hono's `c`, Express's `req`). Unless it says otherwise a route answers 200.
 */
export const ROUTES = {
  page: { method: 'GET', path: '/page', does: 'answers the HTML `PAGE`' },
  json: { method: 'GET', path: '/json', does: 'answers `{ "ok": true }` as JSON' },
  dressed: {
    method: 'GET',
    path: '/dressed',
    does: 'sets the headers `DRESSED` in their order and two cookies `a=1` and `b=2`, answers text',
  },
  empty: { method: 'GET', path: '/empty', does: '204 without a body' },
  moved: { method: 'GET', path: '/moved', does: 'redirects to /page with 302' },
  notModified: { method: 'GET', path: '/not-modified', does: '304 without a body' },
  named: { method: 'GET', path: '/named', does: 'route control `NAMED`; answers text' },
  unnamed: { method: 'GET', path: '/unnamed', does: 'route control `false`; answers text' },

  items: { method: 'GET', path: '/api/items', does: 'answers `[]` as JSON' },
  createItem: {
    method: 'POST',
    path: '/api/items',
    does: 'reads the JSON body; stage.enqueue(); 201 with `{ "ok": true }`',
  },
  item: { method: 'GET', path: '/api/items/:id', does: 'answers `{ "ok": true }` as JSON' },
  replaceItem: {
    method: 'PUT',
    path: '/api/items/:id',
    does: 'reads the JSON body; answers `{ "ok": true }`',
  },
  changeItem: {
    method: 'PATCH',
    path: '/api/items/:id',
    does: 'reads the JSON body; answers `{ "ok": true }`',
  },
  removeItem: { method: 'DELETE', path: '/api/items/:id', does: '204' },

  account: { method: 'GET', path: '/account', does: "awaits stage.login(request, 'user-7'); answers text" },
  setUser: {
    method: 'GET',
    path: '/set-user',
    does: 'calls analytics.setUser(42) on the request; answers text',
  },
  captures: {
    method: 'GET',
    path: '/captures',
    does: "awaits stage.login(request, 'user-7'), then analytics.capture('cart_opened', CART) on the request",
  },
  one: {
    method: 'GET',
    path: '/one/:n',
    does: "stage.arrive(request); awaits stage.gate(); awaits stage.login(request, n); analytics.capture('seen', { n }); answers n",
  },

  throws: {
    method: 'GET',
    path: '/throws/:what',
    does: 'throws stage.fault(what) while the handler is still synchronous',
  },
  rejects: { method: 'GET', path: '/rejects/:what', does: 'throws stage.fault(what) after an await' },
  httpError: {
    method: 'GET',
    path: '/http-error/:status',
    does: "throws the framework's own HTTP error with that status",
  },
  status: { method: 'GET', path: '/status/:status', does: 'answers text with that status, without an error' },
  validated: {
    method: 'POST',
    path: '/validated',
    does: "a JSON body without a string `name` fails in the framework's own validation: 400",
  },
  teapot: {
    method: 'GET',
    path: '/teapot',
    does: 'throws stage.fault("error"); an error handler for this route answers 418',
  },
  unavailable: {
    method: 'GET',
    path: '/unavailable',
    does: 'throws stage.fault("error"); an error handler for this route answers 503',
  },
  soothed: {
    method: 'GET',
    path: '/soothed',
    does: 'throws stage.fault("error"); an error handler for this route answers 200',
  },
  handlerThrows: {
    method: 'GET',
    path: '/handler-throws',
    does: 'throws stage.fault("error"); an error handler for this route throws stage.fault("subclass")',
  },
  reported: {
    method: 'GET',
    path: '/reported',
    does: "analytics.captureException(stage.fault('error'), { step: 'pay' }); answers text",
  },
  reportedAndThrown: {
    method: 'GET',
    path: '/reported-and-thrown',
    does: "const error = stage.fault('error'); analytics.captureException(error); throws it after an await",
  },
  sentAndThrown: {
    method: 'GET',
    path: '/sent-and-thrown',
    does: 'sends the answer `sent`, then throws stage.fault("error")',
  },

  slow: { method: 'GET', path: '/slow', does: 'stage.arrive(request); awaits stage.gate(); answers text' },
  slowThrows: {
    method: 'GET',
    path: '/slow-throws',
    does: 'stage.arrive(request); awaits stage.gate(); throws stage.fault("error")',
  },
  upload: {
    method: 'POST',
    path: '/upload',
    does: 'reads the body (application/octet-stream) to its end; answers text',
  },
  stream: { method: 'GET', path: '/stream', does: 'streams stage.parts() as text' },
  broken: { method: 'GET', path: '/stream/broken', does: "streams stage.parts('breaks') as text" },
  stillborn: { method: 'GET', path: '/stream/stillborn', does: 'streams stage.nothing() as text' },
  events: {
    method: 'GET',
    path: '/events',
    does: 'text/event-stream with stage.parts() as data, to its end',
  },
  brokenEvents: {
    method: 'GET',
    path: '/events/broken',
    does: "text/event-stream with stage.parts('breaks') as data",
  },
  hijacked: {
    method: 'GET',
    path: '/hijacked',
    does: "goes past the framework to the raw response: 202 and the body 'by hand'",
  },

  nested: {
    method: 'GET',
    path: '/v1/:org/items/:id',
    does: 'answers text',
    mount: '/v1/:org',
    inner: '/items/:id',
  },
  nestedThrows: {
    method: 'GET',
    path: '/v1/:org/faults/:id',
    does: 'throws stage.fault("error") after an await',
    mount: '/v1/:org',
    inner: '/faults/:id',
  },
} as const

export type RouteName = keyof typeof ROUTES

/** For a test's table of handlers: one for each route, or the compiler says which is missing. */
export type Handlers<H> = Record<RouteName, H>

export const PAGE = '<!doctype html><h1>the shop</h1>'
export const DRESSED: readonly (readonly [string, string])[] = [
  ['X-Zebra', '1'],
  ['x-apple', '2'],
  ['X-Mango', '3'],
]
/** Custom properties: some of the schema's own names, and something secret. */
export const CART = {
  items: 3,
  request_id: 'mine',
  sdk: 'mine',
  cart: { card: '4111 1111 1111 1111', lines: [{ sku: 'tea' }] },
} as const
export const NAMED = { viewset: 'carts', action: 'checkout' } as const
