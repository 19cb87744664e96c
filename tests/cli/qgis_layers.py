"""Opens each file as a layer of QGIS and prints how QGIS will draw it, a line a file; 3 where there is no QGIS."""
import sys

try:
    from qgis.core import QgsApplication, QgsRasterLayer, QgsVectorLayer
except ImportError:
    sys.exit(3)

application = QgsApplication([], False)
application.initQgis()
for path in sys.argv[1:]:
    layer = QgsRasterLayer(path, path) if path.endswith(".tif") else QgsVectorLayer(path, path)
    renderer = layer.renderer()
    line = [type(renderer).__name__]
    if hasattr(renderer, "classes"):
        line += [f"{c.value:g}={c.label}:{c.color.name()}" for c in renderer.classes()]
    if hasattr(renderer, "shader"):
        items = renderer.shader().rasterShaderFunction().colorRampItemList()
        line += [f"{i.value:g}:{i.color.name()}" for i in items]
    if hasattr(renderer, "symbol"):
        line += [renderer.symbol().symbolLayer(0).layerType(), layer.labeling().settings().fieldName]
    print(" ".join(line))
    del renderer, layer  # before QGIS ends
application.exitQgis()
