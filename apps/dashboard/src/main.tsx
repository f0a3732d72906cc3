import { render } from 'preact'
import { readFirstVerdict } from './data/first-verdict.js'
import { restoreTheme } from './data/theme.js'
import { Page } from './page.js'

const root = document.getElementById('page')
if (root) {
  const verdict = readFirstVerdict(root)
  root.replaceChildren()
  render(<Page theme={restoreTheme()} verdict={verdict} />, root)
}
