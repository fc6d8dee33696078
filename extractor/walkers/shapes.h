/* What regular records hold, for compiled.pyx: the twins of the tables beside Python's walkers.

   A name missing here costs speed only: a record that holds one is declined, and Python's
   walker reads it. */

#ifndef WAXLINE_SHAPES_H
#define WAXLINE_SHAPES_H

#include <stddef.h>
#include <string.h>

typedef enum {
    OWN_ID,       /* the record's own id; not part of its data */
    TEXT,
    FLAG,         /* "true" or "false" */
    MEASURE,      /* a number that may be 0 */
    NUMBER,       /* a number; 0 says that there is none */
    TEXTS,        /* a list of texts, each in an `item` */
    REFERENCE,    /* a name with an id */
    REFERENCES,   /* a list of them, each in an `item` */
    OBJECTS,      /* a list of what `kind` describes, each in an `item` */
    MASTER        /* two keys of a release, at its end */
} Shape;

typedef struct Field Field;

/* An element that becomes an object: the attributes and children it may have. */
typedef struct {
    const Field *attributes;
    const Field *children;
    int keeps_empty;
} Kind;

/* An attribute or child: its name, its key as JSON, and how to read it. */
struct Field {
    const char *name;
    const char *key;
    size_t key_length;
    Shape shape;
    const char *item;
    const Kind *kind;
};

#define KEYED(key) "\"" key "\":", sizeof("\"" key "\":") - 1
#define PLAIN(name, key, shape) {name, KEYED(key), shape, NULL, NULL}
#define LIST(name, key, shape, item) {name, KEYED(key), shape, item, NULL}
#define LIST_OF(name, key, item, kind) {name, KEYED(key), OBJECTS, item, &kind}
#define SAME(name) PLAIN(name, name, TEXT)
#define END {NULL, NULL, 0, TEXT, NULL, NULL}

static const Field CREDIT_CHILDREN[] = {
    PLAIN("id", "id", NUMBER), SAME("name"), SAME("anv"), SAME("join"), SAME("role"),
    SAME("tracks"), END
};
static const Kind CREDIT = {NULL, CREDIT_CHILDREN, 0};

static const Field IMAGE_ATTRIBUTES[] = {
    PLAIN("height", "height", MEASURE), SAME("type"), SAME("uri"), SAME("uri150"),
    PLAIN("width", "width", MEASURE), END
};
static const Kind IMAGE = {IMAGE_ATTRIBUTES, NULL, 0};

static const Field VIDEO_ATTRIBUTES[] = {
    SAME("src"), PLAIN("duration", "duration", MEASURE), PLAIN("embed", "embed", FLAG), END
};
static const Field VIDEO_CHILDREN[] = {SAME("title"), SAME("description"), END};
static const Kind VIDEO = {VIDEO_ATTRIBUTES, VIDEO_CHILDREN, 0};

static const Field LABEL_CREDIT_ATTRIBUTES[] = {
    SAME("name"), SAME("catno"), PLAIN("id", "id", NUMBER), END
};
static const Kind LABEL_CREDIT = {LABEL_CREDIT_ATTRIBUTES, NULL, 0};

static const Field FORMAT_ATTRIBUTES[] = {SAME("name"), SAME("qty"), SAME("text"), END};
static const Field FORMAT_CHILDREN[] = {
    LIST("descriptions", "descriptions", TEXTS, "description"), END
};
static const Kind FORMAT = {FORMAT_ATTRIBUTES, FORMAT_CHILDREN, 0};

static const Field IDENTIFIER_ATTRIBUTES[] = {
    SAME("type"), SAME("value"), SAME("description"), END
};
static const Kind IDENTIFIER = {IDENTIFIER_ATTRIBUTES, NULL, 0};

static const Field COMPANY_CHILDREN[] = {
    PLAIN("id", "id", NUMBER), SAME("name"), SAME("catno"), SAME("entity_type"),
    SAME("entity_type_name"), SAME("resource_url"), END
};
static const Kind COMPANY = {NULL, COMPANY_CHILDREN, 0};

static const Kind TRACK;
static const Field TRACK_CHILDREN[] = {
    SAME("position"), SAME("title"), SAME("duration"),
    LIST_OF("extraartists", "credits", "artist", CREDIT),
    LIST_OF("artists", "artists", "artist", CREDIT),
    LIST_OF("sub_tracks", "sub_tracks", "track", TRACK), END
};
static const Kind TRACK = {NULL, TRACK_CHILDREN, 1};

static const Field MASTER_ID_ATTRIBUTES[] = {
    PLAIN("is_main_release", "is_main_release", FLAG), END
};
static const Field MASTER_ID[] = {PLAIN("master_id", "master_id", NUMBER), END};

static const Field REFERENCE_ID[] = {PLAIN("id", "id", NUMBER), END};
static const Field REFERENCE_NAME[] = {SAME("name"), END};

static const Field ARTIST_CHILDREN[] = {
    PLAIN("id", "id", OWN_ID), SAME("name"), PLAIN("realname", "real_name", TEXT),
    SAME("profile"), SAME("data_quality"), LIST("urls", "urls", TEXTS, "url"),
    LIST("namevariations", "name_variations", TEXTS, "name"),
    LIST("aliases", "aliases", REFERENCES, "name"),
    LIST("groups", "groups", REFERENCES, "name"),
    LIST("members", "members", REFERENCES, "name"),
    LIST_OF("images", "images", "image", IMAGE), END
};
static const Kind ARTIST = {NULL, ARTIST_CHILDREN, 1};

static const Field LABEL_CHILDREN[] = {
    PLAIN("id", "id", OWN_ID), SAME("name"), PLAIN("contactinfo", "contact_info", TEXT),
    SAME("profile"), SAME("data_quality"), PLAIN("parentLabel", "parent", REFERENCE),
    LIST("urls", "urls", TEXTS, "url"), LIST("sublabels", "sublabels", REFERENCES, "label"),
    LIST_OF("images", "images", "image", IMAGE), END
};
static const Kind LABEL = {NULL, LABEL_CHILDREN, 1};

static const Field MASTER_ATTRIBUTES[] = {PLAIN("id", "id", OWN_ID), END};
static const Field MASTER_CHILDREN[] = {
    PLAIN("main_release", "main_release", NUMBER),
    LIST_OF("artists", "artists", "artist", CREDIT),
    LIST("genres", "genres", TEXTS, "genre"), LIST("styles", "styles", TEXTS, "style"),
    PLAIN("year", "year", NUMBER), SAME("title"), SAME("data_quality"), SAME("notes"),
    LIST_OF("videos", "videos", "video", VIDEO), LIST_OF("images", "images", "image", IMAGE), END
};
static const Kind MASTER_RECORD = {MASTER_ATTRIBUTES, MASTER_CHILDREN, 1};

static const Field RELEASE_ATTRIBUTES[] = {PLAIN("id", "id", OWN_ID), SAME("status"), END};
static const Field RELEASE_CHILDREN[] = {
    LIST_OF("artists", "artists", "artist", CREDIT), SAME("title"),
    LIST_OF("labels", "labels", "label", LABEL_CREDIT),
    LIST_OF("series", "series", "series", LABEL_CREDIT),
    LIST_OF("extraartists", "credits", "artist", CREDIT),
    LIST_OF("formats", "formats", "format", FORMAT),
    LIST("genres", "genres", TEXTS, "genre"), LIST("styles", "styles", TEXTS, "style"),
    SAME("country"), SAME("released"), SAME("notes"), SAME("data_quality"),
    PLAIN("master_id", "master", MASTER),
    LIST_OF("tracklist", "tracks", "track", TRACK),
    LIST_OF("identifiers", "identifiers", "identifier", IDENTIFIER),
    LIST_OF("videos", "videos", "video", VIDEO),
    LIST_OF("companies", "companies", "company", COMPANY),
    LIST_OF("images", "images", "image", IMAGE), END
};
static const Kind RELEASE = {RELEASE_ATTRIBUTES, RELEASE_CHILDREN, 1};

static const Field RECORDS[] = {
    LIST_OF("artist", "", "artist", ARTIST), LIST_OF("label", "", "label", LABEL),
    LIST_OF("master", "", "master", MASTER_RECORD), LIST_OF("release", "", "release", RELEASE),
    END
};

static inline int is_named(const Field *field, const char *name) {
    return field->name != NULL && field->name[0] == name[0] && strcmp(field->name, name) == 0;
}

/* Return the field of a name, or NULL; `likely` is looked at first, `fields` may be NULL. */
static inline const Field *find(const Field *fields, const Field *likely, const char *name) {
    if (fields == NULL) return NULL;
    if (is_named(likely, name)) return likely;
    for (; fields->name != NULL; fields++)
        if (is_named(fields, name)) return fields;
    return NULL;
}

#endif
