import fc from 'fast-check'

// One run of the tests is as good as the next: the cases that are made up are the same each time.
// FAST_CHECK_SEED makes up others, and FAST_CHECK_RUNS more of them.
fc.configureGlobal({
  seed: Number(process.env.FAST_CHECK_SEED ?? 20_261_122),
  numRuns: Number(process.env.FAST_CHECK_RUNS ?? 100),
})
