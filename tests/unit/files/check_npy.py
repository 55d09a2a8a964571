"""Check the matrices that test_npy_python.c wrote into a folder, and leave NumPy's own for it."""
import sys
import zipfile

import numpy as np
import scipy.sparse as sp
from sklearn.datasets import load_svmlight_file

folder = sys.argv[1]
for stem in ("empty", "hollow", "f4", "f8", "i4"):
    ptr, col, val = (np.load(f"{folder}/{stem}-{part}.npy") for part in ("ptr", "col", "val"))
    shape = tuple(np.load(f"{folder}/{stem}-shape.npy")[0])
    for compress in (0, 1):
        path = f"{folder}/{stem}-{compress}.npz"
        assert zipfile.ZipFile(path).testzip() is None
        x = sp.load_npz(path)
        assert x.format == "csr" and x.shape == shape and x.has_canonical_format
        assert x.dtype == val.dtype and x.indices.dtype == np.int32 and x.indptr.dtype == np.int32
        assert np.array_equal(x.indptr, ptr) and np.array_equal(x.indices, col)
        assert x.data.tobytes() == val.tobytes()
    if shape[0]:
        y, _ = load_svmlight_file(f"{folder}/{stem}.svm", n_features=shape[1], zero_based=True,
                                  dtype=np.float64)
        assert np.array_equal(y.indices, col) and np.array_equal(y.indptr, ptr)
        assert np.array_equal(y.data.astype(val.dtype), val)

a = np.arange(12).reshape(3, 4)
for t in ("f4", "f8", "i4", "i8", "u1"):
    np.save(f"{folder}/n-{t}.npy", a.astype(t))
with open(f"{folder}/n-v2.npy", "wb") as f:
    np.lib.format.write_array(f, a.astype("u1"), version=(2, 0))
np.save(f"{folder}/bad-big.npy", a.astype(">f4"))
np.save(f"{folder}/bad-fortran.npy", np.asfortranarray(a.astype("f4")))
np.save(f"{folder}/bad-object.npy", a.astype(object), allow_pickle=True)
np.save(f"{folder}/bad-3d.npy", a.astype("f4").reshape(3, 2, 2))
np.save(f"{folder}/bad-0d.npy", np.float32(1))
np.save(f"{folder}/bad-bool.npy", a > 3)
