/** The action `push`: one commit with a folder's files, shown as a difference before it is made. */
import { filled } from '../../domain/demo.ts'
import type { PushAction } from '../../domain/demo-definition.ts'
import { PlayError } from '../../domain/errors.ts'
import type { Scope } from '../../engine/step.ts'
import type { Perform, Scene } from '../scene.ts'
import { labelled } from './apply.ts'

/** Lines of a difference that are shown. */
const shownLines = 40

/** Commits what differs, and has the application follow the repository. */
export const push: Perform<PushAction> = async ({ push: wanted }, scene, { signal, report }) => {
  const { context } = scene
  const repositories = filled('git', context.repositories, context)
  const { repository, application, message = `Demo ${context.folder.definition.id}` } = wanted
  const [client, files] = await Promise.all([context.client(), filesOf(wanted, scene)])
  const change = { files, message: scene.text(message), now: context.clock.now() }
  const proposal = await repositories.propose(client, repository, change, signal)
  if (proposal.changed.length > 0) {
    // Of a first commit it would be everything there is.
    if (proposal.former !== undefined) showDifference(proposal.diff, report)
    await repositories.accept(client, repository, proposal, signal)
  }
  if (application !== undefined) {
    const { name, namespace, path = '.' } = application
    const gitOps = filled('gitops', context.gitOps, context)
    const { read } = repositories.url(repository)
    const objects = gitOps.applications([{ name, path, wave: 0, namespace, keep: false }], read)
    await Promise.all(objects.map((object) => client.apply(labelled(object, context), signal)))
  }
  return { commit: proposal.commit }
}

function showDifference(diff: string, report: Scope['report']): void {
  const lines = diff.split('\n').filter((line) => /^(@@|[-+ ](?!--|\+\+))/.test(line))
  for (const line of lines.slice(0, shownLines)) report.log(line)
  if (lines.length > shownLines) report.log(`… and ${String(lines.length - shownLines)} more lines`)
}

/** Text of each file by its path in the repository. */
async function filesOf(
  { folder, overlay, replace = [] }: PushAction['push'],
  { context, text }: Scene,
): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>()
  for (const from of overlay === undefined ? [folder] : [folder, text(overlay)]) {
    const paths = await context.folder.files(from)
    const texts = await Promise.all(paths.map((path) => context.folder.read(`${from}/${path}`)))
    for (const [index, path] of paths.entries()) files.set(path, texts[index] ?? '')
  }
  for (const { file, from, to } of replace) {
    const before = files.get(file)
    if (before?.includes(from) !== true)
      throw PlayError.of('DEMO_INVALID', {
        ...{ file: `${folder}/${file}`, line: 1, column: 1 },
        reason: `it has no "${from}" that could be replaced`,
      })
    files.set(
      file,
      before.replaceAll(from, () => text(to)),
    )
  }
  return files
}
