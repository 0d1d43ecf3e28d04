import type { EngineEvent } from '@pulumi/pulumi/automation/index.js'
import { describe, expect, test } from 'vitest'
import { kindProgress, plainText, tellEvent, type EngineStory } from '../../../src/pulumi/engine-events.ts'
import { RecordingReporter } from '../../fakes/recording-reporter.ts'

describe('text of the engine', () => {
  test.each([
    ['<{%fg 1%}>error: <{%reset%}>update failed', 'error: update failed'],
    ['\u001b[31mred\u001b[0m and \u001b[1;32mgreen\u001b[0m', 'red and green'],
    ['ends in spaces  \n', 'ends in spaces'],
    ['100% <plain> {text}', '100% <plain> {text}'],
  ])('%j is plainly %j', (text, plain) => {
    expect(plainText(text)).toBe(plain)
  })
})

describe('a line of kind', () => {
  // Recorded from kind 0.32.0 without a terminal.
  test.each([
    ['Creating cluster "play-dev" ...', 'Creating cluster "play-dev"'],
    [' • Ensuring node image (kindest/node:v1.34.10) 🖼  ...', 'Ensuring node image (kindest/node:v1.34.10)'],
    [' • Preparing nodes 📦   ...', 'Preparing nodes'],
    [' • Preparing nodes 📦 📦 📦   ...', 'Preparing nodes'],
    [' • Writing configuration 📜  ...', 'Writing configuration'],
    [' • Starting control-plane 🕹️  ...', 'Starting control-plane'],
    [' • Joining worker nodes 🚜  ...', 'Joining worker nodes'],
    ['Deleting cluster "play-dev" ...', 'Deleting cluster "play-dev"'],
  ])('that begins something is progress: %s', (line, words) => {
    expect(kindProgress(line)).toBe(words)
    expect(kindProgress(line.trim())).toBe(words)
  })

  test.each([
    ' ✓ Ensuring node image (kindest/node:v1.34.10) 🖼',
    ' ✓ Preparing nodes 📦 ',
    ' ✗ Starting control-plane 🕹️',
    'Set kubectl context to "kind-play-dev"',
    'You can now use your cluster with:',
    'kubectl cluster-info --context kind-play-dev --kubeconfig /tmp/play-kind-x/kubeconfig',
    'Not sure what to do next? 😅  Check out https://kind.sigs.k8s.io/docs/user/quick-start/',
    'using podman due to KIND_EXPERIMENTAL_PROVIDER',
    'Deleted nodes: ["play-dev-control-plane"]',
    ' ...',
    '',
  ])('that ends something or only chats is none: %j', (line) => {
    expect(kindProgress(line)).toBeUndefined()
  })
})

describe('an event of the engine', () => {
  const urn = 'urn:pulumi:dev::play::play:index:KindCluster::cluster'

  function tell(...events: Partial<EngineEvent>[]): { story: EngineStory; reporter: RecordingReporter } {
    const story: EngineStory = { errors: [], lines: [] }
    const reporter = new RecordingReporter()
    events.forEach((event, index) => {
      tellEvent({ sequence: index, timestamp: 0, ...event }, story, reporter)
    })
    return { story, reporter }
  }

  function diagnostic(severity: string, message: string, about?: string): Partial<EngineEvent> {
    const which = about === undefined ? {} : { urn: about }
    return { diagnosticEvent: { message, color: 'never', severity: severity as 'info', ...which } }
  }

  function before(op: string, type: string): Partial<EngineEvent> {
    return { resourcePreEvent: { metadata: { op, type, urn } as never, planning: false } }
  }

  test('with a line of kind is progress, and is kept for the case that kind fails', () => {
    const { story, reporter } = tell(
      diagnostic('info', '<{%reset%}>• Preparing nodes 📦   ...<{%reset%}>\n', urn),
      diagnostic('info', '✓ Preparing nodes 📦', urn),
    )
    expect(reporter.progressed.map(({ text }) => text)).toEqual(['Preparing nodes'])
    expect(story.lines).toEqual(['• Preparing nodes 📦   ...', '✓ Preparing nodes 📦'])
    expect(story.errors).toEqual([])
  })

  test('with an error is remembered line by line', () => {
    const { story } = tell(
      diagnostic('error', 'ERROR: failed to create cluster\n\nCommand Output: no space\n', urn),
    )
    expect(story.errors).toEqual(['ERROR: failed to create cluster', 'Command Output: no space'])
  })

  test.each([
    ['debug chatter', diagnostic('debug', 'Registering resource', urn)],
    ['a remark about no resource', diagnostic('info', 'A new version is available')],
    ['a resource that stays the same', before('same', 'play:index:KindCluster')],
    ['the stack itself', before('create', 'pulumi:pulumi:Stack')],
    ['nothing that play knows', {}],
  ])('with %s says nothing', (_what, event) => {
    const { story, reporter } = tell(event)
    expect(reporter.progressed).toEqual([])
    expect(story).toEqual({ errors: [], lines: [] })
  })

  test('with a resource that changes says what happens to it', () => {
    const { reporter } = tell(before('create', 'play:index:KindCluster'))
    expect(reporter.progressed.map(({ text }) => text)).toEqual(['create play:index:KindCluster'])
  })
})
