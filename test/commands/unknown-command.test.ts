import { describe, expect, test } from 'vitest'
import { runUnknown } from '../fakes/fake-app.ts'
import { FakeWorld } from '../fakes/fake-ports.ts'

function run(id: string, ...argv: string[]): ReturnType<typeof runUnknown> {
  return runUnknown(id, argv, new FakeWorld())
}

describe('a command that does not exist', () => {
  test.each([
    ['upp', 'upp', ['play up']],
    ['stats', 'stats', ['play status']],
    ['demo:helo', 'demo helo', ['play demo hello']],
    ['upp:workshop', 'upp', ['play up']],
    ['demo:helo:dev', 'demo helo', ['play demo hello']],
    ['bundles', 'bundles', ['play bundle']],
    ['hello', 'hello', ['play demo hello']],
    ['frobnicate', 'frobnicate', []],
  ])('such as %s is a clear error with the nearest and exit code 2', async (id, typed, near) => {
    const { stdout, stderr, exitCode } = await run(id)
    expect(exitCode).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toContain(`There is no command "${typed}"`)
    for (const command of near) expect(stderr).toContain(`Did you mean: $ ${command}\n`)
    if (near.length === 0) expect(stderr).not.toContain('Did you mean')
    expect(stderr).toContain('$ play --help')
  })

  test('is told to machines as they asked, whatever flags it came with', async () => {
    const { stdout, stderr, exitCode } = await run('upp', 'workshop', '--nodes', '2', '--output', 'json')
    expect(exitCode).toBe(2)
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toEqual({
      ok: false,
      error: {
        id: 'USAGE_INVALID',
        exitCode: 2,
        message: 'There is no command "upp"',
        suggestions: ['Did you mean: play up', 'play --help'],
        details: [],
      },
    })
  })
})
