import { describe, expect, it } from 'vitest'
import { childEnvironment } from '../../../src/adapters/child-environment.ts'

describe('[row 35] the environment of child processes', () => {
  it('keeps what programs need to be found and to reach an engine and the network', () => {
    const env = {
      PATH: '/usr/bin',
      HOME: '/home/me',
      LC_ALL: 'C',
      XDG_RUNTIME_DIR: '/run/user/1000',
      https_proxy: 'http://proxy',
      DOCKER_HOST: 'unix:///d.sock',
      CONTAINERS_CONF: '/etc/c.conf',
      SSL_CERT_FILE: '/ca.pem',
    }
    expect(childEnvironment(env)).toEqual(env)
  })

  it('keeps the names that Windows needs, however they are written', () => {
    expect(childEnvironment({ Path: 'C:\\bin', SystemRoot: 'C:\\Windows' })).toEqual({
      Path: 'C:\\bin',
      SystemRoot: 'C:\\Windows',
    })
  })

  it('hides tokens, cloud credentials, settings of Pulumi and settings of Node', () => {
    const secret = {
      PULUMI_ACCESS_TOKEN: 'x',
      PULUMI_BACKEND_URL: 'x',
      DIGITALOCEAN_TOKEN: 'x',
      AWS_SECRET_ACCESS_KEY: 'x',
      GITHUB_TOKEN: 'x',
      DOCKER_PASSWORD: 'x',
      KIND_EXPERIMENTAL_PROVIDER: 'podman',
      NODE_OPTIONS: '--inspect',
    }
    expect(childEnvironment(secret)).toEqual({})
  })

  it('lets the caller add what a child needs, and overrule the user', () => {
    expect(childEnvironment({ LANG: 'de', PATH: '/bin' }, { LANG: 'C', PULUMI_HOME: '/p' })).toEqual({
      LANG: 'C',
      PATH: '/bin',
      PULUMI_HOME: '/p',
    })
  })

  it('skips names without a value', () => {
    expect(childEnvironment({ PATH: undefined }, { LANG: undefined })).toEqual({})
  })
})
