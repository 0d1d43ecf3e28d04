/** Names of what a Stack needs beside itself: the component makes it, and Stacks refer to it. */

/** Namespace of Stacks and Programs. */
export const stacksNamespace = 'infrastructure'
/** Whom workspaces run as. */
export const serviceAccount = 'pulumi'
/** Claim of the volume that holds the state of all stacks. */
export const claim = 'pulumi-state'
/** Secret that encrypts secrets in that state. */
export const passphrase = { name: 'pulumi-passphrase', key: 'passphrase' }
