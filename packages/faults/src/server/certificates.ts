import { generate } from 'selfsigned'

/** A certificate and its key, in PEM. */
export interface Certificate {
  readonly cert: string
  readonly key: string
}

const DAY_MS = 24 * 60 * 60_000

/** An authority of our own. A client trusts it where its process was started with `NODE_EXTRA_CA_CERTS`. */
export async function makeAuthority(): Promise<Certificate> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'An authority for tests' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  })
  return { cert, key }
}

export interface CertificateOptions {
  /** The address it is for. Default `127.0.0.1`. */
  readonly ip?: string
  /** It ended yesterday. */
  readonly expired?: boolean
}

/** A server's certificate, signed by an authority. */
export async function makeCertificate(
  authority: Certificate,
  { ip = '127.0.0.1', expired = false }: CertificateOptions = {},
): Promise<Certificate> {
  const now = Date.now()
  const { cert, private: key } = await generate([{ name: 'commonName', value: ip }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(now - 2 * DAY_MS),
    notAfterDate: new Date(now + (expired ? -DAY_MS : DAY_MS)),
    ca: authority,
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: [{ type: 7, ip }] },
    ],
  })
  return { cert, key }
}
