// One ClickHouse server in a process of its own: `clickhouse local` out of the embedded engine's library.
import { DataType, load, open } from 'ffi-rs'

const [library, ...args] = process.argv.slice(2)

// The end of whoever started it, however it comes, is its own end, too.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))

open({ library: 'chdb', path: library })
await load({
  library: 'chdb',
  funcName: 'chdb_query_cmdline',
  retType: DataType.External,
  paramsType: [DataType.I32, DataType.StringArray],
  paramsValue: [args.length, args],
  // Beside the event loop, which is to hear of the disconnection.
  runInNewThread: true,
})
