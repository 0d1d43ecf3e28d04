/** Mistakes in the YAML and the shape of a demo.yaml are told at their place, in words for the person who made them. */
import { describe, expect, it } from 'vitest'
import { demoWorld, errorOf, expectMistake, head, steps, type MistakeCase } from './demo-world.ts'

const longTitle = 'x'.repeat(61)

const yaml: readonly MistakeCase[] = [
  ['an empty file', '', '1:1', 'a demo must be a mapping, not empty'],
  ['a list', '- a\n', '1:1', 'a demo must be a mapping, not a list'],
  ['a tab', 'title: T\nsteps:\n\t- a\n', '3:1', 'Tabs are not allowed as indentation'],
  ['a key that is there twice', 'title: T\nneeds: []\ntitle: U\n', '3:1', 'this key is there twice'],
  ['an open quote', 'title: "T\nsteps: []\n', '3:1', /quote/],
  ['a colon in a text', 'title: a: b\n', '1:8', 'a text with ": " in it needs quotes'],
  ['a second document', head('title: T') + '---\na: b\n', '3:1', 'there is room for one document only'],
  ['an alias of nothing', 'title: *name\n', '1:8', 'there is no anchor &name'],
  ['a tag', 'title: !secret T\n', '1:8', 'Unresolved tag: !secret'],
  [
    'a template',
    'title: T\n{{ a }}: b\n',
    '2:1',
    'a list or a mapping cannot be a key; does it lack quotes?',
  ],
  ['an octal number', head('title: T', 'takes: 0644'), '2:8', /^0644 means different numbers/],
]

const shape: readonly MistakeCase[] = [
  ['no title', 'steps:\n  - title: T\n    workflow: {file: run.yaml}\n', '1:1', 'a demo lacks title'],
  ['no steps', 'title: T\n', '1:1', 'a demo lacks steps'],
  ['steps without any', 'title: T\nsteps: []\n', '2:1', 'steps has nothing in it'],
  ['a misspelt field', head('titel: T'), '1:1', 'there is no field "titel" in a demo; did you mean title?'],
  [
    'a strange field',
    head('title: T', 'author: me'),
    '2:1',
    /^there is no field "author" in a demo; there are title, /,
  ],
  [
    'a number for a text',
    head('title: 1.5'),
    '1:8',
    'title must be a text, not the number 1.5: put it in quotes',
  ],
  ['an empty field', head('title:'), '1:7', 'title must be a text, not empty'],
  ['an empty text', head("title: ''"), '1:8', 'title is empty'],
  ['a long title', head(`title: ${longTitle}`), '1:8', 'title has 61 characters, at most 60 fit'],
  ['two lines', head('title: "a\\nb"'), '1:8', 'title must be one line, not "a\\nb"'],
  [
    'no such slot',
    head('title: T', 'needs: [git, pipeline]'),
    '2:14',
    'there is no slot "pipeline"; did you mean pipelines?',
  ],
  ['a slot twice', head('title: T', 'needs: [git, ui, git]'), '2:18', 'needs has this twice'],
  ['a text for a list', head('title: T', 'needs: git'), '2:8', 'needs must be a list, not a text'],
  [
    'a misspelt action',
    steps('- title: P', '  psuh: {repository: a}'),
    '4:5',
    'there is no action "psuh"; did you mean push?',
  ],
  [
    'a strange action',
    steps('- {title: P, deploy: {}}'),
    '3:16',
    'there is no action "deploy"; there are apply, push, workflow, wait, http, exec',
  ],
  [
    'a misspelt field of a step',
    steps('- {tilte: P, apply: {files: [two.yaml]}}'),
    '3:6',
    'there is no field "tilte" in a step; did you mean title?',
  ],
  [
    'no action',
    steps('- title: P'),
    '3:5',
    'this step has no action: there are apply, push, workflow, wait, http, exec',
  ],
  [
    'several actions',
    steps('- title: P', '  wait: {application: a}', '  apply: {files: [a]}'),
    '5:5',
    'this step has several actions (wait, apply): make a step of each',
  ],
  ['a step without a title', steps('- workflow: {file: run.yaml}'), '3:5', 'this step lacks title'],
  ['a field that lacks', steps('- title: P', '  push:', '    folder: src'), '4:5', 'push lacks repository'],
  [
    'a misspelt field of an action',
    steps('- title: P', '  push: {repo: a, folder: src}'),
    '4:12',
    'there is no field "repo" in push; did you mean repository?',
  ],
  ['an action without fields', steps('- title: P', '  push:'), '4:10', 'push must be a mapping, not empty'],
  [
    'a number for a parameter',
    steps('- title: R', '  workflow: {file: run.yaml, parameters: {n: 1}}'),
    '4:48',
    'n must be a text, not the number 1: put it in quotes',
  ],
  [
    'a name with capitals',
    steps('- {title: P, push: {repository: App, folder: src}}'),
    '3:35',
    'repository must be lower-case letters, digits and dashes, not "App"',
  ],
  [
    'the repository of the platform',
    steps('- {title: P, push: {repository: playground, folder: src}}'),
    '3:35',
    'repository cannot be "playground": that is the platform\'s own',
  ],
  [
    'a port that is none',
    steps('- {title: H, http: {namespace: n, selector: a=b, port: 70000}}'),
    '3:58',
    'port must be at most 65535',
  ],
  [
    'a text for a port',
    steps('- {title: H, http: {namespace: n, selector: a=b, port: web}}'),
    '3:58',
    'port must be a whole number, not a text',
  ],
  [
    'a selector that is none',
    steps('- {title: H, http: {namespace: n, selector: web, port: 80}}'),
    '3:47',
    'selector must be labels as a=b or a=b,c=d, not "web"',
  ],
  [
    'a command as one text',
    steps('- {title: E, exec: {namespace: n, selector: a=b, command: ls}}'),
    '3:61',
    'command must be a list, not a text',
  ],
  ['a wait for nothing', steps('- title: W', '  wait: {}'), '4:5', 'wait lacks application or object'],
  [
    'a wait for two things',
    steps(
      '- {title: W, wait: {application: a, object: {apiVersion: v1, kind: Pod, name: a}, field: a, equals: b}}',
    ),
    '3:39',
    'wait takes application or object, not both',
  ],
  [
    'a field without its object',
    steps('- {title: W, wait: {application: a, field: b}}'),
    '3:39',
    'field is of no use without object',
  ],
  [
    'an object without its field',
    steps('- {title: W, wait: {object: {apiVersion: v1, kind: Pod, name: a}, equals: b}}'),
    '3:23',
    'object is of no use without field',
  ],
  [
    'a number to wait for',
    steps('- {title: W, wait: {object: {apiVersion: v1, kind: Pod, name: a}, field: a.b, equals: 3}}'),
    '3:89',
    'equals must be a text, not the number 3: put it in quotes',
  ],
  [
    'an option called like a flag',
    head('title: T', 'options:', '  yes: {summary: s, default: a}'),
    '3:3',
    'an option cannot be called "yes": play has a flag of that name',
  ],
  [
    'an option with capitals',
    head('title: T', 'options:', '  aB: {summary: s, default: a}'),
    '3:3',
    /^an option cannot be called "aB": lower-case letters/,
  ],
  [
    'an option without a default',
    head('title: T', 'options:', '  a: {summary: s}'),
    '3:3',
    'option lacks default',
  ],
  [
    'a file that is a list',
    steps('- {title: A, apply: {files: [[a]]}}'),
    '3:32',
    'an entry of files must be a text or a mapping, not a list',
  ],
]

describe.each([
  ['YAML', yaml],
  ['the schema', shape],
])('a mistake against %s', (_, cases) => {
  it.each(cases)('is told at its place: %s', async (...one) => {
    await expectMistake(one)
  })
})

describe('several mistakes', () => {
  it('are all told, the first of the file as the message', async () => {
    const text = 'steps:\n  - {title: P, psuh: {}}\n  - {title: 1, wait: {application: a}}\nneeds: [gti]\n'
    const { demos } = await demoWorld({ 'mine/demo.yaml': text })
    const { message, details } = await errorOf(demos.openOwn('mine'))
    expect(message).toBe('mine/demo.yaml:1:1: a demo lacks title')
    expect(details).toEqual([
      'mine/demo.yaml:2:16: there is no action "psuh"; did you mean push?',
      'mine/demo.yaml:3:13: title must be a text, not the number 1: put it in quotes',
      'mine/demo.yaml:4:9: there is no slot "gti"; did you mean git or ui?',
    ])
  })
})
