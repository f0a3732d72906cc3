import type { Case } from '../play.js'
import { aborts } from './aborts.js'
import { answers } from './answers.js'
import { api } from './api.js'
import { bodies } from './bodies.js'
import { callbacks } from './callbacks.js'
import { concurrency } from './concurrency.js'
import { delivery } from './delivery.js'
import { faults } from './faults.js'
import { handlers } from './handlers.js'
import { identity } from './identity.js'
import { matching } from './matching.js'
import { page } from './page.js'
import { privacy } from './privacy.js'
import { threads } from './threads.js'
import { unaltered } from './unaltered.js'

/** The whole suite. A case that is added here runs for every framework. */
export const cases: readonly Case[] = [
  ...page,
  ...answers,
  ...faults,
  ...handlers,
  ...bodies,
  ...aborts,
  ...identity,
  ...api,
  ...matching,
  ...callbacks,
  ...privacy,
  ...concurrency,
  ...threads,
  ...delivery,
  ...unaltered,
]
