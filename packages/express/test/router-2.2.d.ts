declare module 'router-2.2' {
  import type { Router } from 'express'

  const OldRouter: new () => Router
  export default OldRouter
}
