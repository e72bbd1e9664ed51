// @ts-check
// A passkey made a moment ago was undone: the browser is told, so that its provider can drop it too.
import { signal } from './webauthn.js';

const credentialId = document.getElementById('undone')?.dataset.credentialId;
if (credentialId) await signal('signalUnknownCredential', { credentialId });
