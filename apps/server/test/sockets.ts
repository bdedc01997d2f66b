import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A connection on which a test writes and reads bytes as it likes. */
export interface RawSocket {
  readonly socket: Socket;
  /** Everything that has arrived until now. */
  text(): string;
  /** Everything that arrives until the other side ends the connection. */
  readonly ended: Promise<string>;
}

/** Opens a connection and writes what is given; it is closed when the test is finished. */
export function rawSocket(url: string, written = ''): RawSocket {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  let text = '';
  socket.setEncoding('utf8');
  socket.on('data', (chunk) => {
    text += chunk;
  });
  const ended = new Promise<string>((resolve) => {
    socket.on('error', () => {});
    socket.once('close', () => resolve(text));
  });
  onTestFinished(() => void socket.destroy());
  if (written !== '') socket.write(written);
  return { socket, text: () => text, ended };
}

/** A request whose body never ends: it announces a thousand bytes and sends one. */
export const halfOpen = (path: string, headers: readonly string[] = []): string =>
  [
    `POST ${path} HTTP/1.1`,
    'Host: desk',
    'Content-Type: application/json',
    'Content-Length: 1000',
    ...headers,
    '',
    '{',
  ].join('\r\n');

/** The status, the headers and the JSON of the last answer in a text. */
export function answerIn(text: string) {
  const [head = '', body = ''] = text.slice(text.lastIndexOf('HTTP/1.1 ')).split('\r\n\r\n');
  const [line = '', ...fields] = head.split('\r\n');
  const headers = new Headers(fields.map((field) => field.split(/: */, 2) as [string, string]));
  return { status: Number(line.split(' ')[1]), headers, body: body === '' ? undefined : JSON.parse(body) };
}
