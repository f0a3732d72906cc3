import { defineConfig } from 'vite'

export default defineConfig({
  // Relative, so that the page works behind a proxy that serves it under a sub-path.
  base: './',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: ['chrome123', 'edge123', 'firefox120', 'safari17.5'],
    // The content security policy allows files only; an inlined asset would be refused.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
})
