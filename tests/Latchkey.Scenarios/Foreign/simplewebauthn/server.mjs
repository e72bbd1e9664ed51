// A relying party that is none of ours: @simplewebauthn/server behind four routes and one page. Said on standard output: where it listens.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import {
  generateAuthenticationOptions, generateRegistrationOptions, verifyAuthenticationResponse, verifyRegistrationResponse,
} from '@simplewebauthn/server';

const [, , rpID, pageFile] = process.argv;
const page = await readFile(pageFile);
/** Pending challenges and names, by session. @type {Map<string, { challenge: string, name?: string }>} */
const sessions = new Map();
/** Credentials by ID, with the name of their owner. @type {Map<string, any>} */
const credentials = new Map();
let origin = '';

const routes = {
  async '/register/options'({ name, attestation }, session) {
    const options = await generateRegistrationOptions({
      rpName: 'Foreign shop', rpID, userName: name, attestationType: attestation,
      excludeCredentials: [...credentials.values()].filter((c) => c.name === name).map(({ id, transports }) => ({ id, transports })),
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    });
    Object.assign(session, { challenge: options.challenge, name });
    return options;
  },
  async '/register'(response, session) {
    const { verified, registrationInfo: info } = await verifyRegistrationResponse({ response, expectedChallenge: take(session), expectedOrigin: origin, expectedRPID: rpID });
    if (!verified) throw new Error('not verified');
    credentials.set(info.credential.id, { ...info.credential, name: session.name });
    return { name: session.name, format: info.fmt, signCount: info.credential.counter, aaguid: info.aaguid, isBackedUp: info.credentialBackedUp };
  },
  async '/sign-in/options'(_, session) {
    const options = await generateAuthenticationOptions({ rpID, userVerification: 'required' });
    session.challenge = options.challenge;
    return options;
  },
  async '/sign-in'(response, session) {
    const credential = credentials.get(response.id);
    if (!credential) throw new Error('unknown credential');
    const { verified, authenticationInfo: info } = await verifyAuthenticationResponse({ response, expectedChallenge: take(session), expectedOrigin: origin, expectedRPID: rpID, credential });
    if (!verified) throw new Error('not verified');
    credential.counter = info.newCounter;
    return { name: credential.name, signCount: info.newCounter };
  },
};

const server = createServer(async (request, response) => {
  if (request.method === 'GET') {
    const isPage = request.url === '/';
    response.writeHead(isPage ? 200 : 404, { 'Content-Type': 'text/html; charset=utf-8' }).end(isPage ? page : '');
    return;
  }
  const known = /session=([^;]+)/.exec(request.headers.cookie ?? '')?.[1];
  const id = known ?? randomUUID();
  const session = sessions.get(id) ?? {};
  sessions.set(id, session);
  try {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const answer = await routes[request.url](JSON.parse(Buffer.concat(chunks).toString()), session);
    response.writeHead(200, { 'Content-Type': 'application/json', 'Set-Cookie': `session=${id}; HttpOnly; SameSite=Strict; Path=/` }).end(JSON.stringify(answer));
  } catch (error) {
    response.writeHead(400, { 'Content-Type': 'application/json' }).end(JSON.stringify({ error: String(error) }));
  }
});
server.listen(0, '127.0.0.1', () => {
  origin = `http://${rpID}:${server.address().port}`;
  console.log(`Listening on ${origin}`);
});

/** A challenge is used once. */
function take(session) {
  const { challenge } = session;
  delete session.challenge;
  return challenge ?? '';
}
