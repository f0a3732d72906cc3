/** The load's process. */
import { pace } from '../load/pace.js'
import { saturate } from '../load/saturate.js'
import { answerCalls } from './rpc.js'

const verbs = { saturate, pace }
export type LoadVerbs = typeof verbs
answerCalls(verbs)
