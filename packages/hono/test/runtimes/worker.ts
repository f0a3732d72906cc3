import { createTwins } from './app.js'

const { fetch } = createTwins()

export default { fetch }
