# cython: language_level=3
"""The compiled encoder: from records, their data still JSON, to rows of binary COPY.

It goes by `common.records.tables` and makes no object per row or value.  It knows the regular
only: a batch with anything else in it is declined, and `loaders.postgres.rows` has the last
word on what is odd or bad.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t, uint32_t
from libc.stdlib cimport calloc, free
from libc.string cimport memset

from loaders.postgres.buffers cimport (
    LARGEST_BUFFER, Buffer, put, put_16, put_bigint, put_document, put_flag, put_integer,
    put_null, put_smallint, put_text, put_texts,
)
from loaders.postgres.compiled_plans cimport (
    AGAIN, DERIVED, DOCUMENT, DUMP, FINGERPRINT, FLAG, ITEM, LIST, NUMBER, OBJECT, OWNER, RECORD,
    SEQUENCE, SHORT, TEXT, TEXTS, MOST_COLUMNS,
    Kind, Member, Plan, Shape, find,
)
from loaders.lazy_json.json cimport Place, Text, past_flag, past_integer, past_key, past_text, past_value

import orjson

cdef bytes HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
cdef bytes END = b"\xff\xff"

cdef enum:
    DEEPEST_LIST = 32
    MOST_REMEMBERED = 20_000


cdef struct Value:
    bint given
    int64_t number
    Text text  # or the place of a list of texts


cdef struct Row:
    int64_t owner
    int64_t sequence
    Value[MOST_COLUMNS] values
    Place again


cdef struct Batch:
    Buffer* out  # a buffer per table
    Place end  # of the record's data
    Text document
    int64_t number
    int64_t dump
    int64_t fingerprint


cdef bytes _data_of(record):
    """Return a record's data as JSON, None for what JSON cannot say."""
    raw = getattr(record, "raw", None)  # where it has not been decoded on its way
    if raw is not None:
        return raw
    data = record["data"]
    try:
        return orjson.dumps(data)
    except TypeError:
        return None


def rows_of(const unsigned char[::1] copied not None):
    """Return the rows of a binary COPY, from a server or made by `Encoder.encode`, in order.

    Each is the lengths and bytes of its columns, without their number before them.
    """
    cdef list rows = []
    cdef Py_ssize_t at = PyBytes_GET_SIZE(HEADER), end = copied.shape[0], start
    cdef int32_t column, columns, length
    while end - at > 2:
        columns = copied[at] << 8 | copied[at + 1]
        at += 2
        start = at
        for column in range(columns):
            if end - at < 4:
                raise ValueError("a row is cut short")
            length = <int32_t>(
                <uint32_t>copied[at] << 24 | copied[at + 1] << 16 | copied[at + 2] << 8
                | copied[at + 3]
            )
            at += 4
            if length > end - at:
                raise ValueError("a row is cut short")
            if length > 0:
                at += length
        rows.append(PyBytes_FromStringAndSize(<const char*>&copied[start], at - start))
    return rows


cdef class Encoder(Plan):
    """Encodes the records of one entity, whose own `common.records.tables.Table` it is given."""

    def encode(self, records not None, int32_t dump):
        """Return the bytes to COPY by table, for those that get rows, or None."""
        cdef Batch batch
        memset(&batch, 0, sizeof(batch))
        batch.dump = dump
        batch.out = <Buffer*>calloc(len(self.names), sizeof(Buffer))
        if batch.out == NULL:
            raise MemoryError
        try:
            for record in records:
                data = _data_of(record)
                if data is None:
                    return None
                if not self._record(&batch, record["id"], record["fingerprint"], data):
                    return None
            return self._finished(&batch)
        except OverflowError:  # a number of more than 64 bits
            return None
        finally:
            for position in range(len(self.names)):
                free(batch.out[position].data)
            free(batch.out)

    cdef dict _finished(self, Batch* batch):
        cdef dict finished = {}
        cdef Buffer* out
        for position, name in enumerate(self.names):
            out = &batch.out[<int>position]
            if out.used == 0:
                continue
            if not put(out, PyBytes_AS_STRING(END), 2):
                return None
            finished[name] = PyBytes_FromStringAndSize(<char*>out.data, out.used)
        return finished

    # What follows returns 0 or NULL for what is not regular, without an exception.

    cdef int _record(
        self, Batch* batch, int64_t number, int64_t fingerprint, bytes data
    ) except -1:
        cdef Place at = <Place>PyBytes_AS_STRING(data)
        cdef int64_t count = -1  # so the record is number 0: its lists have no owner
        if PyBytes_GET_SIZE(data) > LARGEST_BUFFER:
            return 0
        batch.number, batch.fingerprint = number, fingerprint
        batch.document = Text(at, PyBytes_GET_SIZE(data), False)
        batch.end = at + PyBytes_GET_SIZE(data)
        return self._object(batch, self.own, at, 0, &count, 0) == batch.end

    cdef Place _list(
        self, Batch* batch, const Shape* shape, Place at, int64_t owner, int64_t* count, int depth
    ) except? NULL:
        """Write the rows of a list; ``count`` numbers them."""
        if at[0] != c'[' or depth > DEEPEST_LIST:
            return NULL
        if at[1] == c']':
            return at + 2
        while True:
            at += 1
            if shape.plain:
                at = self._text(batch, shape, at, owner, count)
            else:
                at = self._object(batch, shape, at, owner, count, depth)
            if at == NULL or at[0] == c']':
                return at + 1 if at != NULL else NULL
            if at[0] != c',':
                return NULL

    cdef Place _text(
        self, Batch* batch, const Shape* shape, Place at, int64_t owner, int64_t* count
    ) except? NULL:
        cdef Row row
        cdef int column
        cdef Text text
        at = past_text(at, batch.end, &text)
        if at == NULL:
            return NULL
        count[0] += 1
        row.owner, row.sequence = owner, count[0]
        for column in range(shape.columns):
            row.values[column].given, row.values[column].text = True, text
        return at if self._write(batch, shape, &row) else NULL

    cdef Place _object(
        self, Batch* batch, const Shape* shape, Place at, int64_t owner, int64_t* count, int depth
    ) except? NULL:
        cdef Row row
        cdef int column
        count[0] += 1
        row.owner, row.sequence, row.again = owner, count[0], NULL
        for column in range(shape.columns):
            row.values[column].given = False
        at = self._members(batch, shape, at, &row, depth)
        if at == NULL or not self._write(batch, shape, &row):
            return NULL
        if row.again != NULL and self._list(
            batch, shape, row.again, row.sequence, count, depth + 1
        ) == NULL:
            return NULL
        return at

    cdef Place _members(
        self, Batch* batch, const Shape* shape, Place at, Row* row, int depth
    ) except? NULL:
        cdef uint32_t seen = 0
        cdef int index = -1
        if at[0] != c'{':
            return NULL
        if at[1] == c'}':
            return at + 2
        while True:
            at += 1
            index = find(shape, at, index + 1)
            if index < 0:
                at = past_key(at, batch.end)
                at = past_value(at, batch.end, depth) if at != NULL else NULL
            elif seen >> index & 1:
                return NULL
            else:
                seen |= <uint32_t>1 << index
                at = self._member(batch, &shape.member[index], at, row, depth)
            if at == NULL or at[0] == c'}':
                return at + 1 if at != NULL else NULL
            if at[0] != c',':
                return NULL

    cdef Place _member(
        self, Batch* batch, const Member* member, Place at, Row* row, int depth
    ) except? NULL:
        cdef int64_t count = 0
        cdef Value* value = &row.values[member.column]
        at += member.length
        if member.kind == LIST:
            return self._list(batch, member.shape, at, row.sequence, &count, depth + 1)
        if member.kind == OBJECT:
            return self._members(batch, member.shape, at, row, depth + 1)
        if member.kind == AGAIN:
            row.again = at
            return past_value(at, batch.end, depth)
        value.given = True
        if member.kind == TEXT:
            return past_text(at, batch.end, &value.text)
        if member.kind == NUMBER:
            return past_integer(at, &value.number)
        if member.kind == FLAG:
            return past_flag(at, &value.number)
        value.text.start = at
        return past_value(at, batch.end, depth)

    cdef int _write(self, Batch* batch, const Shape* shape, Row* row) except -1:
        cdef Buffer* out = &batch.out[shape.table]
        cdef int column
        if out.used == 0 and not put(out, PyBytes_AS_STRING(HEADER), PyBytes_GET_SIZE(HEADER)):
            return 0
        if not put_16(out, shape.columns):
            return 0
        for column in range(shape.columns):
            if not self._column(batch, shape, column, row, out):
                return 0
        return 1

    cdef int _column(
        self, Batch* batch, const Shape* shape, int column, Row* row, Buffer* out
    ) except -1:
        cdef Kind kind = shape.kinds[column]
        cdef const Value* value = &row.values[column]
        if kind == RECORD:
            return put_integer(out, batch.number)
        if kind == SEQUENCE:
            return put_integer(out, row.sequence)
        if kind == OWNER:
            return put_integer(out, row.owner) if row.owner else put_null(out)
        if kind == DUMP:
            return put_integer(out, batch.dump)
        if kind == FINGERPRINT:
            return put_bigint(out, batch.fingerprint)
        if kind == DOCUMENT:
            return put_document(out, &batch.document)
        if kind == DERIVED or kind == SHORT:
            return self._derived(shape, column, &row.values[shape.sources[column]], out)
        if not value.given:
            return put_null(out)
        if kind == NUMBER:
            return put_integer(out, value.number)
        if kind == FLAG:
            return put_flag(out, value.number)
        if kind == TEXTS:
            return put_texts(out, value.text.start, batch.end)
        return put_text(out, &value.text)

    cdef int _derived(
        self, const Shape* shape, int column, const Value* source, Buffer* out
    ) except -1:
        """Write what a function in Python makes of a text; there are far fewer texts than rows."""
        if not source.given:
            return put_null(out)
        cdef bytes text = PyBytes_FromStringAndSize(
            <const char*>source.text.start, source.text.length
        )
        cdef dict results = self.results[shape.functions[column]]
        result = results.get(text, self)
        if result is self:
            result = self.functions[shape.functions[column]](orjson.loads(b'"%b"' % text))
            if len(results) >= MOST_REMEMBERED:
                results.clear()
            results[text] = result
        if result is None:
            return put_null(out)
        if shape.kinds[column] == SHORT:
            return put_smallint(out, result)
        return put_integer(out, result)
