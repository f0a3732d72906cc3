import type { ComponentChildren, JSX } from 'preact'
import { useState } from 'preact/hooks'
import { formatCount } from '../text/numbers.js'

/** One column, told once: for the eye, and as text for Markdown. */
export interface Column<T> {
  title: string
  text(row: T): string
  /** Where the text alone does not do. */
  cell?(row: T): ComponentChildren
  /** Figures stand right. */
  figure?: boolean
  /** Says more than its share of the width. */
  wide?: boolean
}

interface TableProps<T> {
  label: string
  /** The first one names the row. */
  columns: readonly Column<T>[]
  rows: readonly T[]
  keyOf(row: T): string
  toneOf?(row: T): string | undefined
  /** Rows before "Show all". */
  first?: number
}

function classOf<T>({ figure, wide }: Column<T>): string | undefined {
  return figure ? 'figure-cell' : wide ? 'wide-cell' : undefined
}

/** A row is as wide as its first link: a click anywhere on it follows that. */
export function Table<T>({ label, columns, rows, keyOf, toneOf, first = 8 }: TableProps<T>): JSX.Element {
  const [all, setAll] = useState(false)
  const shown = all ? rows : rows.slice(0, first)
  const content = (column: Column<T>, row: T) => column.cell?.(row) ?? column.text(row)
  return (
    <>
      <table class="rows">
        <caption class="unseen">{label}</caption>
        <thead>
          <tr>
            {columns.map(column => (
              <th key={column.title} scope="col" class={classOf(column)}>
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map(row => (
            <tr key={keyOf(row)} class={toneOf?.(row)}>
              {columns.map((column, index) =>
                index === 0 ? (
                  <th key={column.title} scope="row" class={classOf(column)}>
                    {content(column, row)}
                  </th>
                ) : (
                  <td key={column.title} class={classOf(column)} data-label={column.title}>
                    {content(column, row)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > first && (
        <button type="button" class="plain" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? 'Show fewer' : `Show all ${formatCount(rows.length)}`}
        </button>
      )}
    </>
  )
}
