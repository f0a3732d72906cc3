import type { Verdict } from './query/verdict.js'

/** Where the built page takes what it is to show first. */
const PLACE = '<div id="page"></div>'

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Direction marks would let an event's text rewrite the sentence around it. */
const UNSEEN = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

function toHtml(text: string): string {
  return text.replace(/[&<>"']/g, character => ESCAPES[character] ?? character)
}

function show(text: string): string {
  return toHtml(text.replace(UNSEEN, '\ufffd'))
}

/**
 * The page with a verdict in it: to be read where there is no JavaScript, and taken over where there is.
 *
 * @param query - of the page's address, with its question mark, as the endpoints are asked
 */
export function writeVerdict(html: string, verdict: Verdict, query: string): string {
  const evidence = verdict.evidence.map(({ text }) => `<li>${show(text)}</li>`).join('')
  const links = ['verdict.md', 'flows', 'groups', 'releases', 'users', 'jobs', 'pages', 'series']
    .map(name => `<li><a href="api/v1/${name}${toHtml(query)}">${name}</a></li>`)
    .join('')
  const section = [
    '<main><section class="panel verdict" aria-labelledby="verdict-title">',
    '<h1 id="verdict-title" class="verdict-state">Verdict</h1>',
    `<p class="verdict-sentence">${show(verdict.sentence)}</p>`,
    evidence && `<ul class="evidence">${evidence}</ul>`,
    `<p class="quiet">as of <time>${show(verdict.as_of)}</time></p>`,
    `<noscript><p class="quiet">The same and more, as text and as JSON:</p><ul class="links">${links}</ul></noscript>`,
    '</section></main>',
  ].join('')
  // A function, so that a dollar sign of the text is one.
  return html.replace(
    PLACE,
    () => `<div id="page" data-verdict="${toHtml(JSON.stringify(verdict))}">${section}</div>`,
  )
}
