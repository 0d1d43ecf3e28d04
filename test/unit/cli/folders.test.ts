import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { userFolders } from '../../../src/cli/folders.ts'

const home = '/home/person'

describe('the folders of a person', () => {
  test('are those of the XDG specification by default', () => {
    expect(userFolders({}, home)).toEqual({
      state: '/home/person/.local/state/play',
      cache: '/home/person/.cache/play',
      config: '/home/person/.config/play',
    })
  })

  test.each([
    ['XDG’s variables', { XDG_STATE_HOME: '/xdg' }, '/xdg/play'],
    ['play’s own variable', { PLAY_STATE_DIR: '/own' }, '/own'],
    ['play’s own variable before XDG’s', { PLAY_STATE_DIR: '/own', XDG_STATE_HOME: '/xdg' }, '/own'],
    ['no empty variable', { PLAY_STATE_DIR: '', XDG_STATE_HOME: '' }, '/home/person/.local/state/play'],
    ['no relative path from XDG', { XDG_STATE_HOME: 'relative' }, '/home/person/.local/state/play'],
    ['a path without a slash at its end', { PLAY_STATE_DIR: '/own/' }, '/own'],
  ])('obey %s', (_what, env, state) => {
    expect(userFolders(env, home).state).toBe(state)
  })

  test('are absolute even when asked for by a relative path: engines show absolute paths only', () => {
    expect(userFolders({ PLAY_STATE_DIR: 'here/state' }, home).state).toBe(resolve('here/state'))
  })
})
