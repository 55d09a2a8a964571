"""The header of each third-party library is included by exactly one .c file of the product: one adapter
per library. A library that the build asks for and nobody includes is not a dependency."""

from gate import PRODUCT, matches, without_comments

LIBRARIES = {r"jansson\.h": "JANSSON", r"zlib\.h": "ZLIB", r"zstd[\w]*\.h": "ZSTD",
             r"utf8proc\.h": "UTF8PROC", r"pcre2\.h": "PCRE2", r"xxh(?:ash|3)\.h": "XXHASH",
             r"openssl/\w+\.h": "CRYPTO", r"linear\.h": "LIBLINEAR", r"xgboost/\w+\.h": "xgboost",
             r"yaml\.h": "YAML", r"sqlite3\.h": "SQLITE", r"cmocka\.h": "cmocka", r"dlfcn\.h": "dlfcn"}


def check(tree):
    cmake = tree.text("CMakeLists.txt") if "CMakeLists.txt" in tree.paths else ""
    for header, name in LIBRARIES.items():
        users = {}
        for path in tree.find(".c", ".h", ".cu", ".cuh", under=PRODUCT):
            for line, _ in matches(without_comments(tree.text(path)),
                                   rf"(?m)^[ \t]*#[ \t]*include[ \t]+[<\"]{header}[>\"]"):
                users.setdefault(path, line)
        for path, line in users.items():
            if not path.endswith((".c", ".cu")):
                yield path, line, f"a header includes {name}'s: only one .c file may"
            elif name == "cmocka":
                yield path, line, "the test library in the product"
            elif len(users) > 1:
                yield path, line, f"{name} is included by {len(users)} files: {', '.join(users)}"
        if not users and f"({name} REQUIRED" in cmake or not users and f"{name}_LIBRARY " in cmake:
            if name != "cmocka":
                yield "CMakeLists.txt", 1, f"{name} is required and no file includes it"


CASES = [
    ({"pipeline/files/json.c": "#include <jansson.h>\n"}, None),
    ({"pipeline/files/a.c": "#include <zlib.h>\n", "pipeline/read/b.c": "\n# include <zlib.h>\n"},
     "pipeline/read/b.c:2: ZLIB is included by 2 files"),
    ({"pipeline/files/json.h": "#include <jansson.h>\n"}, "only one .c file may"),
    ({"pipeline/files/a.c": "#include <openssl/evp.h>\n", "kernels/b.c": "#include <openssl/sha.h>\n"},
     "CRYPTO is included by 2"),
    ({"kernels/a.c": "#include <cmocka.h>\n"}, "the test library"),
    ({"CMakeLists.txt": "pkg_check_modules(ZSTD REQUIRED libzstd)\n"}, "no file includes it"),
]
