import type { JSX } from 'preact'
import type { Kind, Subject } from '../data/view.js'
import { usePlace } from '../place.js'
import { FlowDrawer } from './flow-drawer.js'
import { GroupDrawer } from './group-drawer.js'
import { JobDrawer } from './job-drawer.js'
import { ReleaseDrawer } from './release-drawer.js'
import { RequestDrawer } from './request-drawer.js'
import { UserDrawer } from './user-drawer.js'

const DRAWERS: Record<Kind, (subject: Subject) => JSX.Element> = {
  flow: FlowDrawer,
  release: ReleaseDrawer,
  group: GroupDrawer,
  request: RequestDrawer,
  user: UserDrawer,
  job: JobDrawer,
}

/** All drawers of the address, one over the other: each keeps its place for when it is on top again. */
export function Drawers(): JSX.Element {
  const { view } = usePlace()
  return (
    <>
      {view.drawers.map((subject, depth) => {
        const Shown = DRAWERS[subject.kind]
        return <Shown key={`${depth} ${subject.kind} ${subject.id}`} {...subject} />
      })}
    </>
  )
}
