import { render } from 'preact'
import { restoreTheme } from './data/theme.js'
import { Page } from './page.js'

const root = document.getElementById('page')
if (root) render(<Page theme={restoreTheme()} />, root)
