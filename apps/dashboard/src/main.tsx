import { render } from 'preact'
import { readFirstVerdict } from './data/first-verdict.js'
import { restoreTheme } from './data/theme.js'
import { parseView } from './data/view.js'
import { Page } from './page.js'

const root = document.getElementById('page')
if (root) {
  const known = readFirstVerdict(root, parseView(location.search))
  root.replaceChildren()
  render(<Page theme={restoreTheme()} known={known} />, root)
}
