export { type AnswerParts, accept, answer, reject } from './answers.js'
export {
  type Certificate,
  type CertificateOptions,
  makeAuthority,
  makeCertificate,
} from './certificates.js'
export type { Head } from './http.js'
export {
  acknowledgedBy,
  type Copies,
  type Read,
  type Received,
  ReferenceLedger,
  type SeenEvent,
} from './ledger.js'
export { type Answer, FaultServer, type FaultServerOptions, type Script, type Turns } from './server.js'
export {
  type Act,
  drip,
  endless,
  fin,
  type Line,
  play,
  reset,
  type Step,
  silence,
  sip,
  stall,
  wait,
} from './steps.js'
export { type BlackHole, openBlackHole, refusedUrl } from './unreachable.js'
