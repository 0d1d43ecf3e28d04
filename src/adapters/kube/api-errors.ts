/** What can go wrong between play and an API server, told apart and put into the words of the catalog. */
import { PlayError } from '../../domain/errors.ts'

/** The server answered, and the answer was no. */
export class ApiStatusError extends Error {
  /** HTTP status code. */
  readonly status: number
  /** Kubernetes' machine-readable word, such as AlreadyExists; empty when the body was no Status object. */
  readonly reason: string
  /** How long the server asks to stay away, in milliseconds. */
  readonly retryAfterMs: number | undefined

  constructor(status: number, message: string, reason = '', retryAfterMs?: number) {
    super(message)
    this.name = 'ApiStatusError'
    this.status = status
    this.reason = reason
    this.retryAfterMs = retryAfterMs
  }
}

/**
 * Why there was no answer. `broken`: the connection failed, the next may not. `silent`: nobody answered in time.
 * `wrong`: something else answers there. `closed`: our client was closed.
 */
export type ConnectionFault = 'broken' | 'silent' | 'wrong' | 'closed'

/** There was no answer, or half of one. */
export class ConnectionError extends Error {
  readonly fault: ConnectionFault

  constructor(fault: ConnectionFault, message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'ConnectionError'
    this.fault = fault
  }
}

/** The longest part of a server's message that is worth showing. */
const messageLimit = 2000

/**
 * Reads an answer of status 400 or more. The body is a Status object as a rule, but plain text ("404 page not found")
 * and HTML (a proxy) were seen as well.
 */
export function statusErrorOf(
  status: number,
  statusText: string,
  retryAfter: string | undefined,
  body: string,
): ApiStatusError {
  const parsed = parseStatus(body)
  const seconds = Number(retryAfter ?? parsed.retryAfterSeconds)
  const message = parsed.message ?? (plainText(body) || `${String(status)} ${statusText}`)
  return new ApiStatusError(
    status,
    message.slice(0, messageLimit),
    parsed.reason ?? '',
    Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined,
  )
}

interface StatusBody {
  readonly message?: string | undefined
  readonly reason?: string | undefined
  readonly retryAfterSeconds?: number | undefined
}

function parseStatus(body: string): StatusBody {
  try {
    return statusFields(JSON.parse(body))
  } catch {
    return {}
  }
}

/** Picks the fields of a Status object, whatever else it turns out to be. */
function statusFields(value: unknown): StatusBody {
  if (typeof value !== 'object' || value === null) return {}
  const { message, reason, details } = value as { message?: unknown; reason?: unknown; details?: unknown }
  const seconds = (details as { retryAfterSeconds?: unknown } | null | undefined)?.retryAfterSeconds
  return {
    message: typeof message === 'string' && message !== '' ? message : undefined,
    reason: typeof reason === 'string' ? reason : undefined,
    retryAfterSeconds: typeof seconds === 'number' ? seconds : undefined,
  }
}

/** The error that an ERROR event of a watch carries. */
export function statusErrorOfEvent(status: unknown): ApiStatusError {
  const fields = statusFields(status)
  const code = (status as { code?: unknown } | null)?.code
  return new ApiStatusError(
    typeof code === 'number' ? code : 500,
    fields.message ?? 'the watch failed',
    fields.reason ?? '',
    fields.retryAfterSeconds === undefined ? undefined : fields.retryAfterSeconds * 1000,
  )
}

function plainText(body: string): string {
  return body
    .replace(/<(script|style)[\s\S]*?<\/\1>|<[^>]*>/gi, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 200)
}

/** Words for the codes of Node's sockets and of OpenSSL, by what they mean for us. */
const faults: Readonly<Record<string, readonly [ConnectionFault, string]>> = {
  ECONNREFUSED: ['broken', 'connection refused'],
  ECONNRESET: ['broken', 'the connection was cut'],
  EPIPE: ['broken', 'the connection was cut'],
  ERR_STREAM_PREMATURE_CLOSE: ['broken', 'the connection was cut'],
  ETIMEDOUT: ['silent', 'the connection timed out'],
  EHOSTUNREACH: ['silent', 'there is no route to the host'],
  ENETUNREACH: ['silent', 'there is no route to the network'],
  EAI_AGAIN: ['silent', 'the host name could not be looked up'],
  ENOTFOUND: ['silent', 'the host name does not exist'],
  EPROTO: ['wrong', 'what answers there does not speak TLS'],
  ERR_SSL_WRONG_VERSION_NUMBER: ['wrong', 'what answers there does not speak TLS'],
}

/** Puts an error of Node's sockets, TLS or HTTP parser into words. */
export function connectionErrorOf(error: unknown): ConnectionError {
  if (error instanceof ConnectionError) return error
  const { code = '', message } = error as NodeJS.ErrnoException
  const [fault, words] = faults[code] ?? ['wrong', wrongReason(code) ?? (message || code)]
  return new ConnectionError(fault, words, error)
}

function wrongReason(code: string): string | undefined {
  if (code.startsWith('HPE_')) return 'what answers there does not speak HTTP'
  // OpenSSL's verification results reach us as codes such as DEPTH_ZERO_SELF_SIGNED_CERT or CERT_HAS_EXPIRED.
  if (/CERT|SIGNATURE|ALTNAME/.test(code)) return `its certificate is not trusted by the kubeconfig (${code})`
  return undefined
}

/** True when the kind, the API group or the namespace of a request is not there. */
export function isNotFound(error: unknown): boolean {
  return error instanceof ApiStatusError && error.status === 404
}

/** True when a watch or the next page of a list asks for a revision that the server no longer has. */
export function isExpired(error: unknown): boolean {
  return error instanceof ApiStatusError && error.status === 410
}

/**
 * Words of a server that has come up but not through. The last one: kubeadm binds its administrator to a role only after
 * the API answers (EnsureAdminClusterRoleBinding), and nobody else forbids that user anything.
 */
const startingUp =
  /not yet ready to handle request|RBAC: .* not found|etcdserver: (leader changed|request timed out)|User "kubernetes-admin" cannot/

/** True when the same request may succeed in a moment: the server is busy, starting, or the connection broke. */
export function isTransient(error: unknown): boolean {
  if (error instanceof ConnectionError) return error.fault === 'broken'
  if (!(error instanceof ApiStatusError)) return false
  if ([429, 503, 504].includes(error.status) || error.retryAfterMs !== undefined) return true
  return [403, 500].includes(error.status) && startingUp.test(error.message)
}

/** The catalog's word for a failed request on `object`; an abort reason or a bug passes unchanged. */
export function translate(error: unknown, object: string, server: string): unknown {
  if (error instanceof ApiStatusError)
    return PlayError.of('API_REJECTED', { object, reason: error.message }, { cause: error })
  if (error instanceof ConnectionError)
    return PlayError.of('API_UNREACHABLE', { server, reason: error.message }, { cause: error })
  return error
}
