/** Mistakes in ids, order, references and files of a demo are told at their place, in words for the person who made them. */
import { describe, expect, it } from 'vitest'
import { demoWorld, errorOf, expectMistake, head, steps, type MistakeCase } from './demo-world.ts'

const push = '- {title: P, push: {repository: app, folder: src}}'
const run = '- {title: R, workflow: {file: run.yaml}}'
const exec = (word: string): string => `- {title: E, exec: {namespace: n, selector: a=b, command: [${word}]}}`

const rules: readonly MistakeCase[] = [
  [
    'an id twice',
    steps(
      '- {id: a, title: R, workflow: {file: run.yaml}}',
      '- {id: a, title: R, workflow: {file: run.yaml}}',
    ),
    '4:10',
    'there is another step "a" before this one',
  ],
  [
    'an unknown step',
    steps(push, '- {title: R, after: [psuh], workflow: {file: run.yaml}}'),
    '4:24',
    'there is no step "psuh"; did you mean push?',
  ],
  [
    'a later step',
    steps('- {title: R, after: [push], workflow: {file: run.yaml}}', push),
    '3:24',
    '"push" is not an earlier step',
  ],
  [
    'itself',
    steps('- {title: R, after: [workflow], workflow: {file: run.yaml}}'),
    '3:24',
    '"workflow" is not an earlier step',
  ],
  [
    'an open reference',
    head('title: T', 'message: "a ${run.id"'),
    '2:13',
    'this ${ has no } after it; $${ stands for ${ itself',
  ],
  [
    'a variable of a shell',
    steps(exec('"echo $HOME ${HOME}"')),
    '3:74',
    /^there is no \$\{HOME\}: a reference is one of options.NAME, .*; \$\$\{ stands for \$\{ itself$/,
  ],
  [
    'an unknown option',
    head('title: T', 'message: hello ${options.nam}', 'options: {nom: {summary: s, default: a}}'),
    '2:16',
    'there is no option "nam"; did you mean nom?',
  ],
  [
    'the second of two',
    head('title: T', 'message: ${run.id} ${run.ID}'),
    '2:20',
    /^there is no \$\{run.ID\}/,
  ],
  [
    'a reference on another line',
    head('title: T', 'message: |', '  one ${run.id}', '  two ${run}'),
    '4:7',
    /^there is no \$\{run\}/,
  ],
  [
    'one that is like an escaped one',
    head('title: T', 'message: $${run} ${run}'),
    '2:18',
    /^there is no \$\{run\}/,
  ],
  [
    'the output of no step',
    steps(push, exec('"${steps.psuh.commit}"')),
    '4:63',
    'there is no step "psuh"; did you mean push?',
  ],
  [
    'an unknown output',
    steps(push, exec('"${steps.push.comit}"')),
    '4:63',
    'step "push" has no output "comit"; it has commit',
  ],
  ['no output', steps(push, exec('"${steps.push}"')), '4:63', 'step "push" has no output ""; it has commit'],
  [
    'an output of a step that has none',
    steps('- {title: A, apply: {files: [run.yaml]}}', exec('"${steps.apply.a}"')),
    '4:63',
    'step "apply" has no output "a"; it has none',
  ],
  [
    'the output of a later step',
    steps(exec('"${steps.push.commit}"'), push),
    '3:63',
    '"push" is not an earlier step',
  ],
  [
    'the output of a step that runs meanwhile',
    steps(
      push,
      exec('a').replace('title', 'after: [], title'),
      '- title: H',
      '  http: {namespace: n, selector: a=b, port: 80, contains: "${steps.push.commit}"}',
    ),
    '6:62',
    'step "push" may not have ended before this one: name it in after',
  ],
  [
    'its own output',
    steps('- {title: R, workflow: {file: run.yaml, parameters: {a: "${steps.workflow.log}"}}}'),
    '3:60',
    '"workflow" is not an earlier step',
  ],
  [
    'an unknown repository',
    steps(push, exec('"${git.read.ap}"')),
    '4:63',
    'there is no push to a repository "ap"; did you mean app?',
  ],
  ['git without a direction', steps(push, exec('"${git.app}"')), '4:63', /^there is no \$\{git.app\}/],
  [
    'an output in a title',
    steps(push, '- {title: "At ${steps.push.commit}", wait: {application: a}}'),
    '4:17',
    'a title is shown before anything has run: it can refer to options and ${run.id}, not to ${steps.push.commit}',
  ],
  [
    'a reference where none is read',
    steps('- {title: H, http: {namespace: "n-${run.id}", selector: a=b, port: 80}}'),
    '3:34',
    'namespace must be lower-case letters, digits and dashes, not "n-${run.id}"',
  ],
  [
    'a reference in a path',
    steps('- {title: A, apply: {files: ["${run.id}.yaml"]}}'),
    '3:33',
    'files takes no references: it must be known before anything runs',
  ],
]

const ofFiles: readonly MistakeCase[] = [
  [
    'a file that is not there',
    steps('- {title: A, apply: {files: [run.yaml, rum.yaml]}}'),
    '3:42',
    'rum.yaml: it is not there',
  ],
  [
    'one of the files for products',
    steps(
      '- title: R',
      '  workflow:',
      '    file:',
      '      argo-workflows: run.yaml',
      '      tekton: tekton.yaml',
    ),
    '7:17',
    'tekton.yaml: it is not there',
  ],
  [
    'a way out',
    steps('- {title: A, apply: {files: [../run.yaml]}}'),
    '3:32',
    '../run.yaml: it leads out of the folder',
  ],
  [
    'an absolute path',
    steps('- {title: A, apply: {files: [/etc/passwd]}}'),
    '3:32',
    '/etc/passwd: it leads out of the folder',
  ],
  [
    'a folder for a file',
    steps('- {title: R, workflow: {file: src}}'),
    '3:33',
    'src: it is a folder, not a file',
  ],
  [
    'a folder that is not there',
    steps('- {title: P, push: {repository: app, folder: scr}}'),
    '3:48',
    'scr is no folder with files in it',
  ],
  [
    'a file for a folder',
    steps('- {title: P, push: {repository: app, folder: run.yaml}}'),
    '3:48',
    'run.yaml is no folder with files in it',
  ],
  [
    'an overlay that leads out',
    steps('- {title: P, push: {repository: app, folder: src, overlay: ../src}}'),
    '3:62',
    '../src: it leads out of the folder',
  ],
  [
    'nothing to replace',
    steps('- {title: P, push: {repository: app, folder: src, replace: [{file: a.txt, from: hallo, to: b}]}}'),
    '3:83',
    'a.txt has no "hallo" that could be replaced',
  ],
  [
    'no file to replace in',
    steps('- {title: P, push: {repository: app, folder: src, replace: [{file: b.txt, from: a, to: b}]}}'),
    '3:70',
    'b.txt is not in the folder that is pushed',
  ],
]

describe.each([
  ['ids, order and references', rules],
  ['files', ofFiles],
])('a mistake against %s', (_, cases) => {
  it.each(cases)('is told at its place: %s', async (...one) => {
    await expectMistake(one)
  })
})

describe('a mistake in a manifest', () => {
  it.each([
    ['- a\n', '1:1', 'an object of Kubernetes must be a mapping'],
    ['kind: A\n', '1:1', 'this object has no apiVersion'],
    ['# a\n\napiVersion: v1\nkind: 3\n', '4:7', 'this object has no kind'],
    [
      'apiVersion: v1\nkind: A\nmetadata:\n  labels: {}\n',
      '3:1',
      'this object has no metadata.name, nor metadata.generateName',
    ],
    ['a: b\n  c: d\n', '1:4', 'a text with ": " in it needs quotes'],
    ['apiVersion: v1\nkind: A\nmetadata: {name: a}\n---\nkind: B\n', '5:1', 'this object has no apiVersion'],
    ['apiVersion: v1\nkind: A\nmetadata: {name: a, name: b}\n', '3:21', 'this key is there twice'],
  ])('is told at its place, before anything runs: %j', async (text, place, reason) => {
    const { demos } = await demoWorld({ 'mine/demo.yaml': steps(run), 'mine/run.yaml': text })
    const { message } = await errorOf(demos.openOwn('mine'))
    expect(message).toBe(`mine/run.yaml:${place}: ${reason}`)
  })
})
