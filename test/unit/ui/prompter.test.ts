import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { createPrompter } from '../../../src/ui/prompter.ts'

/** A person at a terminal: what they type is what comes. */
function setUp(options: { readonly interactive?: boolean; readonly yes?: boolean } = {}) {
  const input = new PassThrough()
  const output = Object.assign(new PassThrough(), { isTTY: true, columns: 80 })
  const { interactive = true, yes = false } = options
  const prompter = createPrompter({ input, output, interactive, yes })
  return { input, prompter, shown: () => String(output.read() ?? '') }
}

describe('a question', () => {
  it.each([
    ['y', true],
    ['Y', true],
    [' yes ', true],
    ['', false],
    ['n', false],
    ['yep', false],
    ['no', false],
  ])('answered with %j counts as %s', async (typed, answer) => {
    const { input, prompter, shown } = setUp()

    const asked = prompter.confirm('Delete playground demo?')
    input.write(`${typed}\n`)

    expect(await asked).toBe(answer)
    expect(shown()).toContain('Delete playground demo? [y/N] ')
  })

  it('is answered no by Ctrl-C', async () => {
    const { input, prompter, shown } = setUp()

    const asked = prompter.confirm('Delete it?')
    input.write('y\u0003')

    expect(await asked).toBe(false)
    expect(shown().endsWith('\n')).toBe(true)
  })

  it('is answered no by the end of the input', async () => {
    const { input, prompter } = setUp()

    const asked = prompter.confirm('Delete it?')
    input.end()

    expect(await asked).toBe(false)
  })

  it('can follow another', async () => {
    const { input, prompter } = setUp()

    const first = prompter.confirm('First?')
    input.write('y\n')
    expect(await first).toBe(true)
    const second = prompter.confirm('Second?')
    input.write('n\n')
    expect(await second).toBe(false)
  })

  it('is not asked with --yes, also where nobody could answer', async () => {
    const { prompter, shown } = setUp({ interactive: false, yes: true })

    expect(await prompter.confirm('Delete it?')).toBe(true)
    expect(shown()).toBe('')
  })

  it('is an error where there is nobody to ask, which names what needs the yes', async () => {
    const { prompter, shown } = setUp({ interactive: false })

    await expect(prompter.confirm('Delete playground demo?')).rejects.toMatchObject({
      id: 'CONFIRM_NEEDED',
      message: 'Delete playground demo needs a yes, and there is no terminal to ask on',
      suggestions: ['Add --yes'],
    })
    expect(shown()).toBe('')
  })
})
