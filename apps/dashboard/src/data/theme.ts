export type Theme = 'light' | 'dark'

const KEY = 'justanalytics.theme'

function systemTheme(): Theme {
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
}

/** Storage is refused in some privacy modes; then a choice lasts as long as the page. */
function stored(): Theme | null {
  try {
    const theme = localStorage.getItem(KEY)
    return theme === 'light' || theme === 'dark' ? theme : null
  } catch {
    return null
  }
}

function store(theme: Theme | null): void {
  try {
    if (theme) localStorage.setItem(KEY, theme)
    else localStorage.removeItem(KEY)
  } catch {
    // As in `stored`.
  }
}

function apply(theme: Theme | null): void {
  if (theme) document.documentElement.dataset.theme = theme
  else delete document.documentElement.dataset.theme
}

/** Puts a stored choice into force; to be called before the first rendering. */
export function restoreTheme(): Theme {
  const theme = stored()
  apply(theme)
  return theme ?? systemTheme()
}

/** Choosing what the system says anyway means following the system from then on. */
export function chooseTheme(theme: Theme): void {
  const choice = theme === systemTheme() ? null : theme
  store(choice)
  apply(choice)
}
