/** An upload's id. */
export const uploadIdForm = /^upl_[0-9a-f]{32}$/;

/** An idempotency key: 1 to 200 visible ASCII characters. */
export const idempotencyKeyForm = /^[\x21-\x7e]{1,200}$/;

/** The one media type that an upload may have. */
export const formMediaType = 'multipart/form-data';
