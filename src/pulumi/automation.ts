/** Re-exports the part of the Automation API in use: in a bundle, `import()` of CommonJS gives only `default`. */
export { LocalWorkspace } from '@pulumi/pulumi/automation/index.js'
