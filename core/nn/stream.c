/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <string.h>

#include <soundpost/nn.h>

/* Run the body on the columns of the window from one on. That may be negative: of what lies before
 * the window, nothing reaches its scores, whatever it is.
 */
static int push(const struct sp_nn_stream *stream, int8_t *arena, const int8_t *columns,
		uint16_t first, int from)
{
	int8_t *input = arena + stream->body.input_offset;

	for (int i = from < 0 ? -from : 0; i < stream->columns; i++) {
		const int at = (first + from + i) % stream->window;

		memcpy(input + i * stream->column_bytes, columns + at * stream->column_bytes,
		       stream->column_bytes);
	}

	return sp_nn_invoke(&stream->body, arena);
}

int sp_nn_stream_window(const struct sp_nn_stream *stream, int8_t *arena, const int8_t *columns,
			uint16_t first, uint16_t fresh)
{
	const int used = stream->window - stream->unused;
	const int chunks = (used + stream->columns - 1) / stream->columns;
	const int continues = fresh < used && fresh % stream->columns == 0;

	if (first >= stream->window) {
		return -EINVAL;
	}

	for (int from = used - (continues ? fresh : chunks * stream->columns); from < used;
	     from += stream->columns) {
		const int ret = push(stream, arena, columns, first, from);

		if (ret < 0) {
			return ret;
		}
	}

	return sp_nn_invoke(&stream->head, arena);
}
