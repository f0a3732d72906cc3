import { defineConfig } from 'rolldown'

// Few files: an application that starts takes about half a millisecond for each, and the sources are some eighty.
export default defineConfig({
  input: {
    index: 'src/index.ts',
    adapter: 'src/adapter.ts',
    'event/index': 'src/event/index.ts',
    testing: 'src/testing.ts',
    ws: 'src/ws.ts',
    'platform/node': 'src/platform/node.ts',
    'platform/web': 'src/platform/web.ts',
  },
  // Which platform it is, is told where it runs.
  platform: 'neutral',
  external: ['#platform', /^undici/, /^node:/],
  output: {
    dir: 'dist',
    cleanDir: true,
    chunkFileNames: '[name].js',
    minifyInternalExports: false,
    codeSplitting: {
      groups: [
        // What platforms share with the client, which imports them, is a file of its own: no circle.
        {
          name: 'common',
          test: /src\/(event\/(?!index|parse)|queue\/|transport\/transport|errors|life|log|promise|rules|version)/,
          priority: 2,
        },
        {
          name: 'client',
          test: /src\/(?!event|platform|transport\/(undici|gzip|fetch|post-now|spool)|testing|ws)/,
          priority: 1,
        },
      ],
    },
  },
})
